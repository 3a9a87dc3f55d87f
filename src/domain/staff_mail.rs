//! Which of our own people is written to about what. Nobody is told of what they may do nothing about.

use jiff::SignedDuration;

use super::{
    ids::StaffId,
    instant::Instant,
    review::NeedRule,
    staff::{Deed, StaffRole, may},
};

/// Which mails about the queue somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailChoice {
    /// One for each thing, as soon as it is there.
    AtOnce,
    /// One a day about all that waits.
    Daily,
    /// None.
    Nothing,
}

impl MailChoice {
    /// Every choice, in the order the page offers them.
    pub const ALL: &[Self] = &[Self::AtOnce, Self::Daily, Self::Nothing];

    /// The word in the table and in the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::Daily => "daily",
            Self::Nothing => "nothing",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.as_str() == word)
    }

    /// What somebody with these roles gets who has chosen nothing: whoever works in the queue every day hears at once.
    pub fn usual(roles: &[StaffRole]) -> Self {
        let daily = |role: &StaffRole| matches!(role, StaffRole::Owner | StaffRole::Auditor);
        if roles.iter().all(daily) { Self::Daily } else { Self::AtOnce }
    }
}

/// Roles are told at each sign-in and at no other time: whoever has not signed in for so long may have left, and is
/// written to no more.
pub const BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Since when somebody has to have signed in to be written to now.
pub fn believed_since(now: Instant) -> Instant {
    now.plus(-BELIEVED_FOR)
}

/// What somebody has to be allowed to do so that a need is theirs.
pub const fn deed(rule: NeedRule) -> Deed {
    match rule {
        NeedRule::MayHaveSent
        | NeedRule::ParkedJob
        | NeedRule::CouldNotTell
        | NeedRule::InUseFailed
        | NeedRule::FailedTwice
        | NeedRule::LeftBehind => Deed::CheckAgain,
        NeedRule::OfficeAsked => Deed::AnswerQuestion,
        NeedRule::BreakGlass => Deed::ReviewAccess,
        NeedRule::SecondPerson => Deed::DecideByHand,
        NeedRule::Question => Deed::LeaveNote,
        NeedRule::SharedKey | NeedRule::Closed => Deed::TakeItem,
        NeedRule::Acceptance => Deed::AcceptBrokerage,
    }
}

/// The rules by which something is theirs who have these roles: one of them may do what it takes.
pub fn acted_on(roles: &[StaffRole]) -> impl Iterator<Item = NeedRule> {
    let theirs = |rule: &NeedRule| roles.iter().any(|role| may(*role, deed(*rule)));
    NeedRule::ALL.iter().copied().filter(theirs)
}

/// Whether a need is told at once to all whose it is, whatever they have chosen.
pub const fn is_never_silent(rule: NeedRule) -> bool {
    matches!(rule, NeedRule::BreakGlass)
}

/// Whose a need may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whose {
    /// Who has taken the connection.
    pub taken_by: Option<StaffId>,
    /// The account manager who is named for its brokerage.
    pub keeper: Option<StaffId>,
    /// Who brought the need about: a wish is not told to whoever has it, nor an emergency to the two who opened.
    pub by: Vec<StaffId>,
}

/// One of our own people as far as mails are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Who it is.
    pub staff: StaffId,
    /// Their roles when they signed in last.
    pub roles: Vec<StaffRole>,
    /// What they have chosen, or what is usual for their roles.
    pub choice: MailChoice,
}

impl Reader {
    /// Whether one of their roles may do it.
    pub fn may(&self, deed: Deed) -> bool {
        self.roles.iter().any(|role| may(*role, deed))
    }

    /// Whether a need is theirs: they may do something about it, and did not bring it about themselves. Auditors read of
    /// emergencies as well. Somebody who is
    /// an account manager and nothing else knows the brokerages that name them, and those that name nobody.
    pub fn is_of(&self, rule: NeedRule, whose: &Whose) -> bool {
        let only_keeps =
            self.roles.iter().all(|role| matches!(role, StaffRole::AccountManager | StaffRole::Auditor));
        let knows = !only_keeps || whose.keeper.as_ref().is_none_or(|keeper| *keeper == self.staff);
        // An emergency is everybody's to know who watches over the others, whether they look it over themselves or not.
        let watches = rule == NeedRule::BreakGlass && self.roles.contains(&StaffRole::Auditor);
        (self.may(deed(rule)) || watches) && knows && !whose.by.contains(&self.staff)
    }

    /// Whether they are told of a need as soon as it is there: not where a colleague has the connection.
    pub fn hears_at_once(&self, rule: NeedRule, whose: &Whose) -> bool {
        let free = whose.taken_by.as_ref().is_none_or(|taken| *taken == self.staff);
        self.is_of(rule, whose) && (is_never_silent(rule) || (self.choice == MailChoice::AtOnce && free))
    }

    /// Whether they are told that a need is overdue: whoever has the connection as well as everybody else whose it is.
    pub fn hears_when_overdue(&self, rule: NeedRule, whose: &Whose) -> bool {
        self.is_of(rule, whose) && (is_never_silent(rule) || self.choice == MailChoice::AtOnce)
    }

    /// Whether a need stands in their daily mail.
    pub fn hears_daily(&self, rule: NeedRule, whose: &Whose) -> bool {
        self.choice == MailChoice::Daily && self.is_of(rule, whose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(number: u8, roles: &[StaffRole]) -> Reader {
        let choice = MailChoice::usual(roles);
        Reader { staff: StaffId::from_random([number; 16]), roles: roles.to_vec(), choice }
    }

    #[test]
    fn everybody_hears_of_what_they_may_do_something_about() {
        let nobody = Whose::default();
        let hear = |rule| -> Vec<&str> {
            let all = StaffRole::ALL.iter().filter(|role| reader(1, &[**role]).is_of(rule, &nobody));
            all.map(|role| role.as_str()).collect()
        };
        let acting = ["reviewer", "account_manager", "support", "operations", "owner"];
        assert_eq!(hear(NeedRule::CouldNotTell), acting);
        assert_eq!(hear(NeedRule::OfficeAsked), acting);
        assert_eq!(hear(NeedRule::Acceptance), ["reviewer", "account_manager", "owner"]);
        assert_eq!(hear(NeedRule::SecondPerson), ["reviewer", "operations", "owner"]);
        assert_eq!(hear(NeedRule::BreakGlass), ["operations", "auditor", "owner"]);
        for rule in NeedRule::ALL {
            assert!(
                *rule == NeedRule::BreakGlass || !reader(1, &[StaffRole::Auditor]).is_of(*rule, &nobody),
                "{rule:?}: an auditor only reads"
            );
            assert!(!reader(1, &[]).is_of(*rule, &nobody), "{rule:?}: no role");
        }
    }

    #[test]
    fn what_is_chosen_counts_but_for_what_must_not_be_silent() {
        let nobody = Whose::default();
        let dana = reader(1, &[StaffRole::Operations]);
        assert!(
            dana.hears_at_once(NeedRule::ParkedJob, &nobody)
                && !dana.hears_daily(NeedRule::ParkedJob, &nobody)
        );
        let daily = Reader { choice: MailChoice::Daily, ..dana.clone() };
        assert!(!daily.hears_at_once(NeedRule::ParkedJob, &nobody));
        assert!(!daily.hears_when_overdue(NeedRule::ParkedJob, &nobody));
        assert!(daily.hears_daily(NeedRule::ParkedJob, &nobody));
        let silent = Reader { choice: MailChoice::Nothing, ..dana };
        assert!(!silent.hears_daily(NeedRule::ParkedJob, &nobody));
        assert!(silent.hears_at_once(NeedRule::BreakGlass, &nobody));
        assert_eq!(MailChoice::usual(&[StaffRole::Owner]), MailChoice::Daily);
        assert_eq!(MailChoice::usual(&[StaffRole::Owner, StaffRole::Reviewer]), MailChoice::AtOnce);
    }

    #[test]
    fn whose_it_is() {
        let (dana, mia) = (reader(1, &[StaffRole::Reviewer]), reader(2, &[StaffRole::AccountManager]));
        let taken = Whose { taken_by: Some(mia.staff.clone()), ..Whose::default() };
        assert!(!dana.hears_at_once(NeedRule::CouldNotTell, &taken), "a colleague has it");
        assert!(mia.hears_at_once(NeedRule::CouldNotTell, &taken));
        assert!(dana.hears_when_overdue(NeedRule::CouldNotTell, &taken), "and did nothing in time");
        let kept = Whose { keeper: Some(dana.staff.clone()), ..Whose::default() };
        assert!(!mia.hears_at_once(NeedRule::CouldNotTell, &kept), "somebody else's customer");
        assert!(mia.hears_at_once(NeedRule::CouldNotTell, &Whose::default()));
        let wished = Whose { by: vec![dana.staff.clone()], ..Whose::default() };
        assert!(!dana.hears_at_once(NeedRule::SecondPerson, &wished), "their own wish");
        let (noor, ravi) = (reader(3, &[StaffRole::Operations]), reader(4, &[StaffRole::Operations]));
        let opened = Whose { by: vec![dana.staff.clone(), noor.staff.clone()], ..Whose::default() };
        assert!(!noor.hears_at_once(NeedRule::BreakGlass, &opened), "who said yes knows it");
        assert!(ravi.hears_at_once(NeedRule::BreakGlass, &opened));
    }

    #[test]
    fn words_read_back() {
        assert!(MailChoice::ALL.iter().all(|choice| MailChoice::parse(choice.as_str()) == Some(*choice)));
        assert_eq!(MailChoice::parse("often"), None);
    }
}
