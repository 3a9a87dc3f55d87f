//! Composes a mail of a kind with invented names, under the real letterhead.

use crate::{
    app::App,
    domain::{mail::MailKind, refused::Refused},
    notify::{catalogue::example, compose::compose, composed::Composed},
};

use super::outbox::{letterhead, staff_letterhead};

/// The mail. Errs as a fault when a template fails.
pub fn mail_example(app: &App, kind: MailKind) -> Result<Composed, Refused> {
    let head = if kind.is_to_staff() { staff_letterhead(app) } else { letterhead(app) };
    compose(&example(kind, app.clock.now()), &head).map_err(|error| {
        tracing::error!(%error, kind = kind.as_str(), "an example of a mail was not composed");
        Refused::Fault(String::new())
    })
}
