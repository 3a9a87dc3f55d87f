//! What a check may have sent: what to look for and where, for our own people, and what they found.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    connection::{answer, parsed},
    connection_case::Case,
};
use crate::{
    actions::look_for_sent::{TypedLook, look_for_sent},
    app::App,
    domain::{
        instant::Instant,
        kind::AccessKind,
        review::SentFinding,
        staff::{Deed, StaffScope},
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::Layout,
        pages::portal::status_view::Moment,
    },
};

/// That part of the page.
pub(super) struct SentView {
    /// What to look for; none once somebody has looked.
    pub(super) open: Option<SentOpen>,
    /// What was found before: what, who, when.
    pub(super) looked: Vec<(SentFinding, String, Moment)>,
}

/// What to look for, and where.
pub(super) struct SentOpen {
    pub(super) mailbox: String,
    /// When the first and the last check ended that nobody has looked after.
    pub(super) from: Moment,
    pub(super) to: Moment,
    pub(super) places: [&'static str; 2],
    pub(super) message: &'static str,
    pub(super) may: bool,
}

impl SentView {
    pub(super) fn of(case: &Case) -> Self {
        let open: Vec<Instant> =
            case.sent.iter().filter(|check| check.found.is_none()).map(|check| check.decided_at).collect();
        let mailbox = case.attempts.last().map(|tried| tried.settings.test_mailbox().as_str().to_owned());
        let looked = case.sent.iter().filter_map(|check| {
            Some((check.found?, check.name.clone().unwrap_or_default(), Moment::of(check.looked_at?)))
        });
        Self {
            looked: looked.collect(),
            open: open.iter().min().zip(open.iter().max()).map(|(from, to)| SentOpen {
                mailbox: mailbox.unwrap_or_else(|| "the test mailbox".to_owned()),
                from: Moment::of(*from),
                to: Moment::of(*to),
                places: places(case.connection.kind),
                message: message(case.connection.kind),
                may: case.scope.may(Deed::CheckAgain),
            }),
        }
    }
}

const fn is_google(kind: AccessKind) -> bool {
    matches!(kind, AccessKind::GoogleDelegated | AccessKind::GoogleKey)
}

/// What the check asked to have sent.
const fn message(kind: AccessKind) -> &'static str {
    if is_google(kind) {
        "a message without recipients and without text, its subject \"MoxiEngage connection test\""
    } else {
        "a message without subject, text and recipients"
    }
}

/// Where it would stand.
const fn places(kind: AccessKind) -> [&'static str; 2] {
    if is_google(kind) {
        [
            "In the mailbox: the label Sent. The office, or whoever uses it, can look.",
            "In the office's Admin console: Reporting, Email log search, with this address as the sender.",
        ]
    } else {
        [
            "In the mailbox: the folders Sent Items and Drafts. The office, or whoever uses it, can look.",
            "In the office's Exchange admin center: Mail flow, Message trace, with this address as the sender.",
        ]
    }
}

/// What the form sends.
#[derive(Deserialize)]
pub struct LookFields {
    #[serde(default)]
    found: String,
    #[serde(default)]
    found_words: String,
}

impl FormFields for LookFields {}

/// Notes what somebody found.
pub async fn look(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<LookFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let LookFields { found, found_words } = form.fields;
    let done = look_for_sent(&app, &scope, &id, &TypedLook { found, words: found_words }).await;
    let line = "Noted. It can be checked again now.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| line)).await
}

#[cfg(test)]
impl SentView {
    pub(super) fn samples(hostile: &str) -> [Self; 2] {
        let at = |hours: i64| Moment::of(Instant::from_micros(1_795_257_720_000_000 - hours * 3_600_000_000));
        let open = SentOpen {
            mailbox: hostile.to_owned(),
            from: at(3),
            to: at(1),
            places: places(AccessKind::GraphSecret),
            message: message(AccessKind::GoogleKey),
            may: true,
        };
        let looked = vec![(SentFinding::Something, hostile.to_owned(), at(0))];
        [Self { open: Some(open), looked }, Self { open: None, looked: Vec::new() }]
    }
}
