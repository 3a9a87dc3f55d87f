//! What a person can press on the page, and what comes first.

use super::{About, Case};
use crate::{
    actions::{cause_words::CauseWords, check_again::may_press, lent_secret::lender, stop_waiting::may_stop},
    domain::{answers::secret_noun, connection::State as Standing, kind::AccessKind, renewal::Renewal},
    http::{
        pages::portal::status_page::{Again, Instead, NextAttempt},
        urls,
    },
};

impl Case {
    pub(super) fn again(&self) -> Option<Again> {
        let connection = &self.bench.connection;
        may_press(connection, &self.attempt).ok()?;
        let waiting = connection.state == Standing::Submitted;
        Some(Again {
            seen: connection.version,
            first: !waiting && self.bench.draft.is_none() && self.again_first(),
        })
    }

    /// The button that ends the waiting, where a change is waited for.
    pub(super) fn stop(&self) -> Option<i64> {
        let connection = &self.bench.connection;
        may_stop(connection, &self.attempt).then_some(connection.version)
    }

    /// Whether the same attempt is checked again before anything is made anew.
    fn again_first(&self) -> bool {
        let words = CauseWords::of(self.attempt.cause.as_ref(), &self.names);
        words.again_first || (self.bench.renewal() == Renewal::Nothing && !words.answer)
    }

    /// Whether something that was entered is most likely wrong.
    fn is_answer(&self) -> bool {
        CauseWords::of(self.attempt.cause.as_ref(), &self.names).answer
    }

    /// The way from waiting to the next attempt, where the office itself has to act: what is checked is withdrawn.
    pub(super) fn instead(&self, cause: Option<&CauseWords>, waits: bool) -> Option<Instead> {
        let acts = waits && self.about == About::Connection && cause.is_some_and(|cause| cause.office_acts);
        let attempt = self.withdraw().filter(|_| acts)?;
        Some(Instead { attempt, number: self.attempt.number + 1 })
    }

    pub(super) fn next_attempt(&self) -> Option<NextAttempt> {
        let connection = &self.bench.connection;
        if connection.state != Standing::Failed {
            return None;
        }
        let (number, begun) = (self.bench.number, self.bench.draft.is_some());
        let (action, renewal) = match self.about {
            About::Connection => (urls::attempts(&connection.id), self.bench.renewal()),
            About::Renewal => (urls::renew(&connection.id), Renewal::Secret),
        };
        Some(NextAttempt {
            action,
            number,
            begun,
            renewal,
            keeps_secret: self.about == About::Connection && lender(&self.bench).is_some(),
            label: match renewal {
                Renewal::Names => format!("Start attempt {number} with new names"),
                Renewal::Secret if connection.kind.makes_secret() => {
                    format!("Get a new {} (attempt {number})", secret_noun(connection.kind))
                }
                Renewal::Secret if connection.kind == AccessKind::GoogleKey => {
                    format!("Upload or paste the new key file (attempt {number})")
                }
                Renewal::Secret => {
                    format!("Enter the new {} (attempt {number})", secret_noun(connection.kind))
                }
                Renewal::Nothing if self.is_answer() => format!("Correct it in attempt {number}"),
                Renewal::Nothing => format!("Start attempt {number}"),
            },
            first: begun || self.again().is_none_or(|again| !again.first),
        })
    }

    /// What can be withdrawn on this page: of a connection that is in use only what is begun beside it.
    pub(super) fn withdraw(&self) -> Option<String> {
        let connection = &self.bench.connection;
        let candidate = connection.candidate.as_ref().filter(|id| **id == self.attempt.id);
        match candidate {
            Some(id) if matches!(connection.state, Standing::Submitted | Standing::Failed) => {
                Some(id.as_str().to_owned())
            }
            _ if self.bench.renews() && connection.candidate.is_none() && self.bench.draft.is_some() => {
                Some(String::new())
            }
            _ => None,
        }
    }
}
