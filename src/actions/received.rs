//! The mails that tell everybody of a brokerage that a credential came in and is being checked.

use crate::{
    app::App,
    domain::{ids::AttemptId, refused::Refused},
    notify::notice::{Case, Notice, Received},
    store::{PreparedMail, StoredPerson},
};

use super::{draft::Bench, outbox, people};

/// Composes one for each person of the brokerage; the event they tell of is the attempt.
///
/// Errs as a fault when one cannot be composed or encrypted.
pub(super) fn prepare(
    app: &App,
    bench: &Bench,
    attempt: &AttemptId,
    people: Vec<StoredPerson>,
) -> Result<Vec<PreparedMail>, Refused> {
    let page = Case::page_of(&bench.connection.id);
    let mut case = Case::new(&bench.brokerage, &bench.connection, bench.number, page);
    if bench.renews() {
        case = case.renewing(&bench.connection.id);
    }
    let recipients = people::recipients(app, people)?;
    let notice = Notice::Received(Received { case });
    outbox::prepare(app, &notice, attempt.as_str(), &bench.brokerage.id, &recipients)
}
