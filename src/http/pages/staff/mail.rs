//! One mail: how it stands, what it says, and the form that sends it once more. What it says in HTML has an address of its
//! own, in a frame that may do nothing: whatever somebody got into a mail stays there.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::mail_words;
use crate::{
    actions::{
        form_answer::FormKey,
        outbox::RECIPIENT_BOX,
        send_again::{Parts, parts_of, send_again},
        send_mail::REPLY_BOX,
    },
    app::App,
    domain::{
        address::MailAddress,
        ids::MailId,
        mail::{AgainReason, MailKind, MailState},
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        headers,
        layout::{Layout, MAILS},
        pages::portal::status_view::Moment,
        render::{page, page_with, see_other},
        session, urls,
    },
    store::all_brokerages::{OutboxAgain, OutboxMail},
};

/// What the frame of a mail may do: nothing but look as it looks.
const SEALED: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

/// What stands where a link was that lets somebody in.
const NOT_SHOWN: &str = "(not shown)";

/// What a mail says, as the page shows it.
pub(super) enum Body {
    /// Subject and text; the HTML stands at an address.
    Words {
        /// Its subject.
        subject: String,
        /// Its plain part.
        text: String,
        /// Where its HTML part is.
        html_url: String,
        /// Whether a link was taken out.
        hidden: bool,
    },
    /// It carries a code, which nobody here may see.
    Code,
    /// Its bytes are not kept any more.
    Gone,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/mail.html")]
struct MailPage {
    layout: Layout,
    form: FormState,
    conflict: Option<&'static str>,
    kind: &'static str,
    to: String,
    company: Option<(String, String)>,
    state: (&'static str, &'static str),
    meaning: &'static str,
    at: Moment,
    changed: Moment,
    next_try: Option<Moment>,
    sends: i64,
    reply: String,
    message_id: String,
    /// The mail that it sends once more, why, and who wanted it.
    again_of: Option<(String, &'static str, String)>,
    /// The mails that send it once more: address, state, time, who wanted it.
    agains: Vec<(String, (&'static str, &'static str), Moment, String)>,
    body: Body,
    /// Where the form leads; none where nobody may, or nothing can be sent.
    again_url: Option<String>,
    reasons: Vec<(&'static str, &'static str)>,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct AgainFields {
    #[serde(default)]
    reason: String,
}

impl FormFields for AgainFields {}

/// Shows it.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let shown = read_page(&app, &scope, layout, &parsed(&id)?, FormState::new(), None).await?;
    Ok(with_frame(page(&shown)))
}

/// Its HTML part by itself, for the frame.
pub async fn html(
    State(app): State<App>,
    scope: StaffScope,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let mail = find(&app, &scope, &parsed(&id)?).await?.0;
    if mail.kind == MailKind::SignInCode {
        return Err(PageError::NotFound);
    }
    let found = parts_of(&app, &mail)?.ok_or(PageError::NotFound)?;
    Ok(sealed_html(shown(mail.kind, found).0.html))
}

/// Sends it once more.
pub async fn again(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AgainFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => send_again(&app, &scope, &id, &form.fields.reason, &key).await,
        Err(refused) => Err(refused),
    };
    let (state, conflict) = match done {
        Ok(new) => {
            session::leave_line(
                &session,
                "Written once more, as the mail on this page. It goes out if what it tells is still so.",
            )
            .await?;
            return Ok(see_other(&urls::mail(&new)));
        }
        Err(Refused::Fields(errors)) => (form.state.refused(errors), None),
        Err(Refused::Conflict(why)) => (form.state, Some(why)),
        Err(other) => return Err(other.into()),
    };
    let layout = layout.failed(true);
    let status = if conflict.is_some() { 409 } else { 422 };
    let status = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    let shown = read_page(&app, &scope, layout, &id, state, conflict).await?;
    Ok(with_frame(page_with(status, &shown)))
}

fn parsed(id: &str) -> Result<MailId, PageError> {
    MailId::parse(id).map_err(|_| PageError::NotFound)
}

async fn find(app: &App, scope: &StaffScope, id: &MailId) -> Result<(OutboxMail, Vec<OutboxAgain>), Refused> {
    let mut read = app.store.read().await?;
    let mut all = read.all_brokerages(scope)?;
    let mail = all.outbox_mail(id).await?.ok_or(Refused::NotFound)?;
    let agains = all.outbox_agains(id).await?;
    Ok((mail, agains))
}

async fn read_page(
    app: &App,
    scope: &StaffScope,
    layout: Layout,
    id: &MailId,
    form: FormState,
    conflict: Option<&'static str>,
) -> Result<MailPage, PageError> {
    let (mail, agains) = find(app, scope, id).await?;
    let to: MailAddress = app.from_box(RECIPIENT_BOX, id.as_str(), &mail.recipient_box)?;
    let reply: Option<String> = match &mail.reply_box {
        Some(sealed) => Some(app.from_box(REPLY_BOX, id.as_str(), sealed)?),
        None => None,
    };
    let body = body(app, &mail)?;
    let page = MailPage::new(layout, scope, &mail, agains, body);
    Ok(MailPage { form, conflict, to: to.as_str().to_owned(), reply: reply.unwrap_or_default(), ..page })
}

fn body(app: &App, mail: &OutboxMail) -> Result<Body, Refused> {
    if mail.kind == MailKind::SignInCode {
        return Ok(Body::Code);
    }
    let Some(found) = parts_of(app, mail)? else { return Ok(Body::Gone) };
    let (found, hidden) = shown(mail.kind, found);
    Ok(Body::Words { subject: found.subject, text: found.text, html_url: urls::mail_html(&mail.id), hidden })
}

/// What may be shown of it: of an invitation, its link may not.
fn shown(kind: MailKind, found: Parts) -> (Parts, bool) {
    if kind.is_readable() {
        return (found, false);
    }
    let hide = |text: &str| without_links(text);
    (Parts { text: hide(&found.text), html: hide(&found.html), ..found }, true)
}

/// The same text, with what follows `/invitation/` taken out wherever it stands.
fn without_links(text: &str) -> String {
    const MARK: &str = "/invitation/";
    let mut parts = text.split(MARK);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(MARK);
        out.push_str(NOT_SHOWN);
        out.push_str(
            part.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter)),
        );
    }
    out
}

/// A mail's HTML as an answer that may do nothing. It is opened by itself as well, and then stands in a window of its own.
pub(super) fn sealed_html(html: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SEALED)),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
        // A browser shows no sandboxed page that asks for a window of its own kind.
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("unsafe-none")),
    ];
    (headers, html).into_response()
}

/// The page around such a frame.
pub(super) fn with_frame(mut page: Response) -> Response {
    page.headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(headers::POLICY_WITH_FRAME));
    page
}

impl MailPage {
    fn new(
        layout: Layout,
        scope: &StaffScope,
        mail: &OutboxMail,
        agains: Vec<OutboxAgain>,
        body: Body,
    ) -> Self {
        let company = mail.concerns_id.as_ref().zip(mail.company.clone());
        let over = matches!(mail.state, MailState::Accepted | MailState::Uncertain | MailState::Rejected);
        let may = over && matches!(body, Body::Words { hidden: false, .. }) && scope.may(Deed::SendAgain);
        Self {
            layout: layout.at(MAILS),
            form: FormState::new(),
            conflict: None,
            kind: mail_words::kind(mail.kind),
            to: String::new(),
            company: company.map(|(id, name)| (urls::brokerage(id), name)),
            state: mail_words::state(mail.state),
            meaning: mail_words::meaning(mail.state),
            at: Moment::of(mail.created_at),
            changed: Moment::of(mail.changed_at),
            next_try: mail.next_try.map(Moment::of),
            sends: mail.sends,
            reply: String::new(),
            message_id: mail.message_id.clone(),
            again_of: mail.again_of.as_ref().zip(mail.again_reason).map(|(of, reason)| {
                (urls::mail(of), mail_words::reason(reason), mail.again_by.clone().unwrap_or_default())
            }),
            agains: agains
                .into_iter()
                .map(|(id, state, at, by)| {
                    (urls::mail(&id), mail_words::state(state), Moment::of(at), by.unwrap_or_default())
                })
                .collect(),
            body,
            again_url: may.then(|| urls::mail_again(&mail.id)),
            reasons: AgainReason::ALL.iter().map(|why| (why.as_str(), mail_words::reason(*why))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            ids::{BrokerageId, StaffId},
            instant::Instant,
            refused::FieldError,
            staff::StaffRole,
        },
        http::render::Sample,
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</td><script>\"'&{{7*7}}";

    fn mail(state: MailState) -> OutboxMail {
        OutboxMail {
            id: MailId::from_random([1; 16]),
            kind: MailKind::Failed,
            event_id: "chk_1".to_owned(),
            brokerage_id: None,
            concerns_id: Some(BrokerageId::from_random([2; 16])),
            recipient_key: Vec::new(),
            recipient_box: Vec::new(),
            message_id: "<failed.1@moxi.example>".to_owned(),
            message_box: None,
            state,
            sends: 2,
            created_at: AT,
            changed_at: AT,
            reply_box: None,
            again_of: Some(MailId::from_random([3; 16])),
            again_reason: Some(AgainReason::NotCome),
            again_by: Some(HOSTILE.to_owned()),
            company: Some(HOSTILE.to_owned()),
            next_try: (state == MailState::Pending).then_some(AT),
        }
    }

    impl Sample for MailPage {
        fn samples() -> Vec<Self> {
            let words = |hidden| Body::Words {
                subject: HOSTILE.to_owned(),
                text: HOSTILE.repeat(20),
                html_url: "/mails/mail_1/html".to_owned(),
                hidden,
            };
            let scope = StaffScope {
                staff: StaffId::from_random([4; 16]),
                name: "Dana Reyes".to_owned(),
                roles: vec![StaffRole::Reviewer],
            };
            let errors = vec![FieldError::new("reason", "Choose a reason".to_owned())];
            [
                (MailState::Accepted, words(false), FormState::new(), None),
                (MailState::Pending, words(true), FormState::new(), None),
                (MailState::Rejected, words(false), FormState::new().refused(errors), None),
                (MailState::Held, Body::Gone, FormState::new(), Some(HOSTILE)),
                (MailState::Uncertain, Body::Code, FormState::new(), None),
            ]
            .into_iter()
            .map(|(state, body, form, conflict)| {
                let agains = vec![(MailId::from_random([5; 16]), state, AT, Some(HOSTILE.to_owned()))];
                let page = Self::new(Layout::staff_sample(), &scope, &mail(state), agains, body);
                Self { form, conflict, to: HOSTILE.to_owned(), reply: HOSTILE.to_owned(), ..page }
            })
            .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        MailPage::assert_renders();
        for sample in MailPage::samples() {
            assert!(!sample.render().expect("renders").contains("<script>\""));
        }
    }

    #[test]
    fn a_link_that_lets_somebody_in_is_not_shown() {
        let token = "q7-_".repeat(10);
        let text = format!(
            "https://a.example/invitation/{token}\n<a href=\"https://a.example/invitation/{token}\">"
        );
        let without = without_links(&text);
        assert!(!without.contains("q7-_"), "{without}");
        assert_eq!(without.matches("/invitation/(not shown)").count(), 2);
    }
}
