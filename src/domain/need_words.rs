//! What mails to our own people say of a rule: how their subject begins, and what somebody does about it.

use super::review::NeedRule;

impl NeedRule {
    /// How the subject of a mail begins, before the name of whom it is about: what happened, or what is wanted.
    pub const fn lead(self) -> &'static str {
        match self {
            Self::MayHaveSent => "May have sent something:",
            Self::ParkedJob => "Job given up:",
            Self::CouldNotTell => "Could not tell:",
            Self::InUseFailed => "In use, failed a check:",
            Self::SharedKey => "Same key as another:",
            Self::OfficeAsked => "Question from",
            Self::BreakGlass => "EMERGENCY:",
            Self::SecondPerson => "Second yes wanted:",
            Self::Question => "A colleague asks:",
            Self::FailedTwice => "Failed again:",
            Self::LeftBehind => "Test entry left behind:",
            Self::Acceptance => "To accept:",
            Self::Closed => "Closed, read why:",
        }
    }

    /// What whoever opens it does next.
    pub const fn next(self) -> &'static str {
        match self {
            Self::MayHaveSent => {
                "Look in the test mailbox and in the message trace: the page says for what. Until somebody has looked, nothing is tried again."
            }
            Self::ParkedJob => "Have it checked again on its page.",
            Self::CouldNotTell => {
                "Look at the step that could not tell. Then have it checked again, or decide by hand: the office waits for us."
            }
            Self::InUseFailed => {
                "Find out with the office why it does not work any more, and have it checked again when it is mended."
            }
            Self::SharedKey => "Find out why two brokerages hand in the same key.",
            Self::OfficeAsked => "Read the question and answer it.",
            Self::BreakGlass => "Look over who opened it, and why.",
            Self::SecondPerson => "Read the reason and the last check, and say yes or no.",
            Self::Question => "Read the question and write the answer as a note.",
            Self::FailedTwice => "Write to the office what to do.",
            Self::LeftBehind => "Have the office delete the entry, then try again to remove it.",
            Self::Acceptance => "Find out who the brokerage is, and accept it.",
            Self::Closed => "Read why the office closed it.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_begins_a_subject_of_its_own() {
        let mut leads: Vec<&str> = NeedRule::ALL.iter().map(|rule| rule.lead()).collect();
        // The name of whom it is about stands behind it: there has to be room for it.
        assert!(leads.iter().all(|lead| lead.len() <= 24));
        assert!(NeedRule::ALL.iter().all(|rule| rule.next().ends_with('.')));
        leads.sort_unstable();
        leads.dedup();
        assert_eq!(leads.len(), NeedRule::ALL.len());
    }
}
