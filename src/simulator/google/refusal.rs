//! Refusals of the APIs, in the words and shapes of each.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::api::{Api, Method};
use crate::simulator::web::{json, set};

/// How every API says that JSON follows.
pub(crate) const JSON: &str = "application/json; charset=UTF-8";
const INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";

/// One refusal.
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// Is it about the state of something rather than about the request?
    precondition: bool,
    message: Box<str>,
    /// Domain and reason, as the older list has them.
    listed: (&'static str, &'static str),
    /// What the reason is about: `header` or `parameter`, and its name.
    about: Option<(&'static str, &'static str)>,
    details: Vec<Value>,
}

impl Refusal {
    fn new(code: u16, listed: (&'static str, &'static str), message: impl Into<String>) -> Refusal {
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
        let message = message.into().into_boxed_str();
        Refusal { status, precondition: false, message, listed, about: None, details: Vec::new() }
    }

    /// The word that goes with the status.
    fn word(&self) -> &'static str {
        match self.status.as_u16() {
            400 if self.precondition => "FAILED_PRECONDITION",
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            409 => "ALREADY_EXISTS",
            _ => "INVALID_ARGUMENT",
        }
    }

    fn info(mut self, reason: &str, domain: &str, metadata: Value) -> Refusal {
        self.details.push(json!({"@type": INFO, "reason": reason, "domain": domain, "metadata": metadata}));
        self
    }

    fn about(self, what: &'static str, name: &'static str) -> Refusal {
        Refusal { about: Some((what, name)), ..self }
    }

    /// No token came.
    pub(crate) fn anonymous(method: &Method) -> Refusal {
        let text = "Request is missing required authentication credential. Expected OAuth 2 access token, login \
                    cookie or other valid authentication credential. See \
                    https://developers.google.com/identity/sign-in/web/devconsole-project.";
        let metadata = json!({"method": method.name, "service": method.api.service()});
        Refusal::new(401, ("global", "required"), text).about("header", "Authorization").info(
            "CREDENTIALS_MISSING",
            "googleapis.com",
            metadata,
        )
    }

    /// The token has ended, or never was one.
    pub(crate) fn unknown_token(method: &Method, ended: bool) -> Refusal {
        let text = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or \
                    other valid authentication credential. See \
                    https://developers.google.com/identity/sign-in/web/devconsole-project.";
        let reason = if ended { "ACCESS_TOKEN_EXPIRED" } else { "ACCESS_TOKEN_TYPE_UNSUPPORTED" };
        let metadata = json!({"method": method.name, "service": method.api.service()});
        Refusal::new(401, ("global", "authError"), text).about("header", "Authorization").info(
            reason,
            "googleapis.com",
            metadata,
        )
    }

    /// The token is for something else.
    pub(crate) fn short_of_scope(method: &Method) -> Refusal {
        let metadata = json!({"method": method.name, "service": method.api.service()});
        Refusal::new(
            403,
            ("global", "insufficientPermissions"),
            "Request had insufficient authentication scopes.",
        )
        .info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "googleapis.com", metadata)
    }

    /// The API is not switched on in the project.
    pub(crate) fn disabled(api: Api, project: &str) -> Refusal {
        let (service, title) = (api.service(), api.title());
        let url =
            format!("https://console.developers.google.com/apis/api/{service}/overview?project={project}");
        let text = format!(
            "{title} has not been used in project {project} before or it is disabled. Enable it by visiting {url} \
             then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our \
             systems and retry."
        );
        let mut refusal = Refusal::new(403, ("usageLimits", "accessNotConfigured"), text);
        let links = json!([{"description": "Google developers console API activation", "url": url}]);
        refusal.details.push(json!({"@type": "type.googleapis.com/google.rpc.Help", "links": links}));
        let metadata = json!({
            "service": service,
            "serviceTitle": title,
            "consumer": format!("projects/{project}"),
            "containerInfo": project,
            "activationUrl": url,
        });
        refusal.info("SERVICE_DISABLED", "googleapis.com", metadata)
    }

    /// The project is suspended as a whole.
    pub(crate) fn suspended(api: Api, project: &str) -> Refusal {
        let consumer = format!("projects/{project}");
        let text = format!("Permission denied: Consumer '{consumer}' has been suspended.");
        let metadata = json!({"consumer": consumer, "containerInfo": consumer, "service": api.service()});
        Refusal::new(403, ("global", "forbidden"), text).info(
            "CONSUMER_SUSPENDED",
            "googleapis.com",
            metadata,
        )
    }

    /// The admin lets no app of ours at this service.
    pub(crate) fn by_policy(api: Api) -> Refusal {
        let service = match api {
            Api::People => "Contacts",
            Api::Calendar => "Calendar",
            Api::Gmail => "Gmail",
        };
        let text = format!("The domain administrators have disabled {service} apps.");
        let refusal = Refusal::new(403, ("global", "domainPolicy"), text);
        if api == Api::People { refusal.info("domainPolicy", "global", json!({})) } else { refusal }
    }

    pub(crate) fn not_a_calendar_user() -> Refusal {
        let text = "The user must be signed up for Google Calendar.";
        Refusal::new(403, ("calendar", "notACalendarUser"), text)
    }

    /// What Gmail says before it looks at a request: the mail service is off, or nobody is acted for.
    pub(crate) fn precondition(text: &'static str) -> Refusal {
        let refusal = Refusal::new(400, ("global", "failedPrecondition"), text);
        Refusal { precondition: true, ..refusal }
    }

    pub(crate) fn delegation_denied(who: &str) -> Refusal {
        Refusal::new(403, ("global", "forbidden"), format!("Delegation denied for {who}"))
    }

    pub(crate) fn not_found(api: Api) -> Refusal {
        let text = if api == Api::Calendar { "Not Found" } else { "Requested entity was not found." };
        Refusal::new(404, ("global", "notFound"), text)
    }

    pub(crate) fn bad(reason: &'static str, text: impl Into<String>) -> Refusal {
        Refusal::new(400, ("global", reason), text)
    }

    pub(crate) fn bad_parameter(
        reason: &'static str,
        name: &'static str,
        text: impl Into<String>,
    ) -> Refusal {
        Refusal::bad(reason, text).about("parameter", name)
    }

    pub(crate) fn of_calendar(code: u16, reason: &'static str, text: &'static str) -> Refusal {
        Refusal::new(code, ("calendar", reason), text)
    }

    pub(crate) fn already_there() -> Refusal {
        Refusal::new(409, ("global", "duplicate"), "The requested identifier already exists.")
    }

    pub(crate) fn already_deleted() -> Refusal {
        Refusal::new(410, ("global", "deleted"), "Resource has been deleted")
    }

    /// A calendar that has changed too much since the token was given.
    pub(crate) fn full_sync_required() -> Refusal {
        let text = "Sync token is no longer valid, a full sync is required.";
        Refusal::new(410, ("calendar", "fullSyncRequired"), text).about("parameter", "syncToken")
    }

    /// A People token that is older than seven days.
    pub(crate) fn expired_sync_token() -> Refusal {
        let text = "Sync token is expired. Clear local cache and retry call without the sync token.";
        let refusal = Refusal::precondition(text);
        refusal.info("EXPIRED_SYNC_TOKEN", "people.googleapis.com", json!({}))
    }

    /// The answer of this API.
    pub(crate) fn response(&self, api: Api) -> Response {
        let mut error = json!({"code": self.status.as_u16(), "message": self.message});
        if api.lists_errors() {
            let (domain, reason) = self.listed;
            let mut listed = json!({"message": self.message, "domain": domain, "reason": reason});
            if let Some((what, name)) = self.about {
                listed["locationType"] = json!(what);
                listed["location"] = json!(name);
            }
            error["errors"] = json!([listed]);
        }
        // The Calendar API's own refusals have neither; those of the front before it have both.
        if api != Api::Calendar || !self.details.is_empty() {
            error["status"] = json!(self.word());
        }
        if !self.details.is_empty() {
            error["details"] = json!(self.details);
        }
        let mut response = json(self.status, JSON, &json!({"error": error}));
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"";
            set(&mut response, "www-authenticate", challenge);
        }
        response
    }
}
