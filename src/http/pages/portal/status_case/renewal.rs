//! What stands beside what: a renewal beside the credential in use.

use super::{About, Case};
use crate::{
    domain::{
        answers::secret_noun,
        connection::{Phase, State as Standing},
    },
    http::{
        pages::portal::{
            status_page::{Beside, Kept},
            status_verified::day,
        },
        urls,
    },
};

impl Case {
    /// What stays in use beside the attempt that this page is about.
    pub(super) fn kept(&self) -> Option<Kept> {
        let (attempt, settings) = self.other.as_ref().filter(|_| self.about == About::Renewal)?;
        let ends = attempt.last_day(settings);
        Some(Kept { number: attempt.number, ends: ends.map(day) })
    }

    /// How a renewal stands beside what is in use.
    pub(super) fn beside(&self) -> Option<Beside> {
        if self.about == About::Renewal {
            return None;
        }
        let connection = &self.bench.connection;
        let (secret, url) = (secret_noun(connection.kind), urls::renew(&connection.id));
        let attempt = self.other.as_ref().map(|(attempt, _)| attempt);
        match attempt.map(|attempt| (attempt.state, attempt.phase)) {
            Some((Standing::Submitted, Some(Phase::NeedsStaff))) => Some(Beside {
                tag: ("warn", "We are looking at it"),
                words: format!(
                    "We could not tell whether the new {secret} works. The one in use stays in use."
                ),
                url,
                label: "See how far it came",
            }),
            Some((Standing::Submitted, _)) => Some(Beside {
                tag: ("info", "Being renewed"),
                words: format!(
                    "A new {secret} is being tested. The one in use stays in use until it has passed."
                ),
                url,
                label: "See the test",
            }),
            Some((Standing::Failed, _)) => Some(Beside {
                tag: ("bad", "Not renewed"),
                words: format!(
                    "The new {secret} did not pass its test. The one in use is untouched and still works."
                ),
                url,
                label: "See what to do",
            }),
            _ if self.bench.renews() && self.bench.draft.is_some() => Some(Beside {
                tag: ("info", "Renewal begun"),
                words: format!("You have begun to renew the {secret}. The one in use stays in use."),
                url: urls::answers(&connection.id),
                label: "Go on",
            }),
            _ => None,
        }
    }
}
