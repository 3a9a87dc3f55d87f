//! Graph, as the test mailbox.

use std::{sync::Arc, time::Duration};

use http::{Method, StatusCode, header};
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    net::{Failure, provider::Answer},
    verification::{
        bearer::Bearer,
        cut::Cut,
        evidence::{Evidence, Shown},
        pace::Pace,
        scrub::Scrub,
        segment::segment,
        traces::Traces,
        waits::Patience,
        writing::fresh_mark,
    },
};

use super::{
    answer::graph_shown,
    app::App,
    call::{Caller, call_to},
    page::Page,
    sign_in::{Access, Tenant},
    test_item::Kind,
};

/// A question to Graph.
pub(super) struct Ask {
    pub(super) method: Method,
    /// Path and query on the Graph host.
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// The status that proves the step.
    pub(super) wanted: StatusCode,
}

impl Ask {
    /// A question that changes nothing.
    pub(super) const fn read(path: String) -> Self {
        Self { method: Method::GET, path, body: None, wanted: StatusCode::OK }
    }
}

/// Graph with one token.
pub(super) struct Graph<'a> {
    pub(super) caller: &'a Caller,
    pub(super) host: &'static str,
    /// Where this cloud says to anybody in which place a mailbox is.
    pub(super) autodiscover: &'static str,
    /// The address of the test mailbox.
    pub(super) address: String,
    pub(super) bearer: Arc<Bearer>,
    pub(super) scrub: Scrub,
    /// The path of the test mailbox: `/v1.0/users/agent%40lakeshore.example`.
    pub(super) user: String,
    /// The path of a mailbox that must be refused, where one was named.
    pub(super) outside: Option<String>,
    pub(super) pace: Pace,
    pub(super) today: Date,
    /// What this run writes bears it.
    pub(super) mark: String,
    /// The permissions in the token, where it could be read.
    pub(super) roles: Option<Vec<String>>,
    pub(super) traces: Traces<Kind>,
}

impl<'a> Graph<'a> {
    /// Graph with what a sign-in brought, as the owner of this mailbox; `None` when that cannot stand in a path.
    pub(super) fn of(app: &'a App<'_>, tenant: &Tenant, access: Access, mailbox: &str) -> Option<Self> {
        let path = |mailbox: &str| Some(format!("/v1.0/users/{}", segment(mailbox)?));
        let user = path(mailbox)?;
        Some(Self {
            caller: &app.caller,
            host: tenant.cloud.graph,
            autodiscover: tenant.cloud.ews,
            address: mailbox.to_owned(),
            scrub: app.scrub(&access.bearer),
            bearer: access.bearer,
            user,
            outside: app.settings.outside_mailbox.as_ref().and_then(|outside| path(outside.as_str())),
            pace: app.run.pace,
            today: app.run.today,
            mark: fresh_mark(&app.caller.randomness),
            roles: access.roles,
            traces: Traces::new(),
        })
    }

    /// The same at another pace.
    pub(super) fn at_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }
}

impl Graph<'_> {
    /// The wanted answer. Errs with evidence; a server that asks for a short pause is given it.
    pub(super) async fn ask(&self, ask: &Ask, cut: &Cut) -> Result<Answer, Evidence> {
        let mut patience = Patience::new(&self.pace, &self.caller.hold);
        loop {
            let shown = match self.once(ask, cut).await {
                Err(Evidence::Shown(shown)) => shown,
                other => return other,
            };
            if !patience.pause(pause_for(&shown, &ask.method), cut).await {
                return Err(Evidence::Shown(shown));
            }
        }
    }

    /// The wanted answer's body. Errs also when it is not what it should be.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        ask: &Ask,
        cut: &Cut,
    ) -> Result<(T, Option<(&'static str, String)>), Evidence> {
        let answer = self.ask(ask, cut).await?;
        let id = super::answer::request_id(&answer.headers, &self.scrub);
        match serde_json::from_slice(&answer.body) {
            Ok(body) => Ok((body, id)),
            Err(_) => Err(self.odd(&answer)),
        }
    }

    /// A page of a list, with the answer it came in. Errs also when it is none, or has far too many entries.
    pub(super) async fn page(&self, ask: &Ask, cut: &Cut) -> Result<(Page, Answer), Evidence> {
        let answer = self.ask(ask, cut).await?;
        let page: Page = serde_json::from_slice(&answer.body).map_err(|_| self.odd(&answer))?;
        if page.is_beyond() { Err(Evidence::Lost(Failure::TooLarge)) } else { Ok((page, answer)) }
    }

    /// A good status with a body that says nothing we know.
    pub(super) fn odd(&self, answer: &Answer) -> Evidence {
        Evidence::Shown(Box::new(Shown { codes: Vec::new(), ..graph_shown(answer, &self.scrub) }))
    }

    async fn once(&self, ask: &Ask, cut: &Cut) -> Result<Answer, Evidence> {
        let body = ask.body.as_ref().map(|body| body.to_string().into_bytes());
        let mut call = call_to(ask.method.clone(), self.host, &ask.path, body.unwrap_or_default())?;
        if ask.body.is_some() {
            call.headers_mut()
                .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        }
        if ask.path.contains("/delta") {
            // Ten a page is the default, which takes hundreds of calls for an agent's contacts.
            call.headers_mut().append("prefer", header::HeaderValue::from_static("odata.maxpagesize=200"));
        }
        let bearer = self.bearer.header().ok_or(Evidence::Lost(Failure::BadCall))?;
        call.headers_mut().insert(header::AUTHORIZATION, bearer);
        let answer = self.caller.send(call, cut).await?;
        if answer.status == ask.wanted {
            Ok(answer)
        } else {
            Err(Evidence::Shown(Box::new(graph_shown(&answer, &self.scrub))))
        }
    }

    /// Path and query of a link that Graph gave, where it stays on Graph. The token goes nowhere else.
    pub(super) fn own_link(&self, link: &str) -> Option<String> {
        let url = url::Url::parse(link).ok()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let here = url.scheme() == "https" && url.host_str() == Some(self.host) && url.port().is_none();
        let path = url.path().to_owned();
        let ours = path.starts_with("/v1.0/") && link.len() <= 16_384;
        (plain && here && ours).then(|| url.query().map_or(path.clone(), |query| format!("{path}?{query}")))
    }
}

/// Whether asking again after the pause the server names may help, and is safe: a throttled call was not carried
/// out; of an unavailable service that is sure only for calls that change nothing.
fn pause_for(shown: &Shown, method: &Method) -> Option<Duration> {
    let unavailable = matches!(shown.status, 503 | 504 | 509) && *method == Method::GET;
    shown.retry_after.filter(|_| shown.status == 429 || unavailable)
}
