//! Our own people: their roles, and the one place that says which role may do what.

use super::ids::StaffId;

/// A role of our own people. Which roles a person has is told by the sign-in provider each time they sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StaffRole {
    /// Looks after brokerages while they set up: the queue's everyday reader.
    Reviewer,
    /// Knows the customer: invites, leaves notes, follows.
    AccountManager,
    /// Helps a customer who asks.
    Support,
    /// Runs keys, servers and releases.
    Operations,
    /// Reads everything, changes nothing.
    Auditor,
    /// Answers for the product.
    Owner,
}

impl StaffRole {
    /// Every role, in the order pages list them.
    pub const ALL: &[Self] =
        &[Self::Reviewer, Self::AccountManager, Self::Support, Self::Operations, Self::Auditor, Self::Owner];

    /// The word in settings and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reviewer => "reviewer",
            Self::AccountManager => "account_manager",
            Self::Support => "support",
            Self::Operations => "operations",
            Self::Auditor => "auditor",
            Self::Owner => "owner",
        }
    }

    /// Reads the word of settings and tables.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == word)
    }

    /// What pages call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Reviewer => "Reviewer",
            Self::AccountManager => "Account manager",
            Self::Support => "Support",
            Self::Operations => "Operations",
            Self::Auditor => "Auditor",
            Self::Owner => "Owner",
        }
    }
}

/// Something that not every role may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Read the queue, and the brokerages and connections behind it.
    ReadQueue,
    /// Take an item, so that others see who looks after it; or give it back.
    TakeItem,
    /// Leave a note for colleagues.
    LeaveNote,
    /// Accept a brokerage that started by itself, or refuse it.
    AcceptBrokerage,
    /// Name the account manager of a brokerage.
    NameKeeper,
    /// Invite a brokerage admin by mail, and take an invitation back.
    InviteAdmin,
    /// Make a connection for a brokerage before its people come, give one its external id, or close one that its office
    /// does not go on with.
    PrepareConnection,
    /// Have an attempt checked once more, or a closed connection opened again.
    CheckAgain,
    /// Decide by hand what a check could not, or be the second person who says yes to that.
    DecideByHand,
    /// Answer what somebody of an office asked, or write to an office.
    AnswerQuestion,
    /// Say that the names of a failed attempt may be used again.
    AllowNames,
    /// Ask a brokerage to let them look at a secret, and look when it said yes.
    AskAccess,
    /// Open a secret with a second operations person, or be that second one.
    OpenAccess,
    /// Look over what others opened in an emergency.
    ReviewAccess,
    /// Read the list of all requests to look at secrets.
    ReadAccess,
    /// Say from which day on MoxiEngage works with a connection.
    Enable,
    /// Have a mail sent once more.
    SendAgain,
    /// Read the audit, have it verified, and take it away as a file.
    ReadAudit,
    /// Sign a colleague out, everywhere.
    EndSessions,
}

impl Deed {
    /// Every deed.
    pub const ALL: &[Self] = &[
        Self::ReadQueue,
        Self::TakeItem,
        Self::LeaveNote,
        Self::AcceptBrokerage,
        Self::NameKeeper,
        Self::InviteAdmin,
        Self::PrepareConnection,
        Self::CheckAgain,
        Self::DecideByHand,
        Self::AnswerQuestion,
        Self::AllowNames,
        Self::AskAccess,
        Self::OpenAccess,
        Self::ReviewAccess,
        Self::ReadAccess,
        Self::Enable,
        Self::SendAgain,
        Self::ReadAudit,
        Self::EndSessions,
    ];
}

/// What one role may do. Every question of rights on the staff site ends here.
///
/// An auditor reads and never changes. Who a customer is and who may act for it is decided by those who look after
/// customers, not by those who help with a fault or run the machines. A secret is looked at by those who help, with the
/// customer's yes, or by two who run the machines, and by nobody else.
pub const fn may(role: StaffRole, deed: Deed) -> bool {
    use StaffRole::{AccountManager, Auditor, Operations, Owner, Reviewer, Support};
    match deed {
        Deed::ReadQueue => true,
        Deed::TakeItem
        | Deed::LeaveNote
        | Deed::CheckAgain
        | Deed::AnswerQuestion
        | Deed::AllowNames
        | Deed::SendAgain => !matches!(role, Auditor),
        Deed::Enable => !matches!(role, Auditor | Support),
        Deed::AcceptBrokerage | Deed::PrepareConnection | Deed::NameKeeper | Deed::InviteAdmin => {
            match role {
                Reviewer | AccountManager | Owner => true,
                Support | Operations | Auditor => false,
            }
        }
        Deed::DecideByHand => matches!(role, Reviewer | Operations | Owner),
        Deed::AskAccess => matches!(role, Support),
        Deed::OpenAccess => matches!(role, Operations),
        Deed::ReviewAccess | Deed::EndSessions => matches!(role, Operations | Owner),
        // Whoever may ask, answer or look over, and whoever audits that.
        Deed::ReadAccess => matches!(role, Support | Operations | Auditor | Owner),
        // It names everybody and everything they did: for those who answer for it, not for everyday work.
        Deed::ReadAudit => matches!(role, Auditor | Operations | Owner),
    }
}

/// What a staff session gives to pages and actions: who acts, and with which roles. Only the staff site's session
/// guard makes one, and it reads name and roles anew for each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffScope {
    /// Their id.
    pub staff: StaffId,
    /// Their name as the provider told it.
    pub name: String,
    /// Their roles, at least one.
    pub roles: Vec<StaffRole>,
}

impl StaffScope {
    /// Whether one of the roles may do it.
    pub fn may(&self, deed: Deed) -> bool {
        self.roles.iter().any(|role| may(*role, deed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_rights() {
        let allowed = |deed| -> Vec<&str> {
            StaffRole::ALL.iter().filter(|role| may(**role, deed)).map(|role| role.as_str()).collect()
        };
        let all = ["reviewer", "account_manager", "support", "operations", "auditor", "owner"];
        let acting = ["reviewer", "account_manager", "support", "operations", "owner"];
        let deciding = ["reviewer", "account_manager", "owner"];
        assert_eq!(allowed(Deed::ReadQueue), all);
        assert_eq!(allowed(Deed::TakeItem), acting);
        assert_eq!(allowed(Deed::LeaveNote), acting);
        assert_eq!(allowed(Deed::CheckAgain), acting);
        assert_eq!(allowed(Deed::AnswerQuestion), acting);
        assert_eq!(allowed(Deed::AllowNames), acting);
        assert_eq!(allowed(Deed::AcceptBrokerage), deciding);
        assert_eq!(allowed(Deed::InviteAdmin), deciding);
        assert_eq!(allowed(Deed::PrepareConnection), deciding);
        assert_eq!(allowed(Deed::NameKeeper), deciding);
        assert_eq!(allowed(Deed::DecideByHand), ["reviewer", "operations", "owner"]);
        assert_eq!(allowed(Deed::AskAccess), ["support"]);
        assert_eq!(allowed(Deed::OpenAccess), ["operations"]);
        assert_eq!(allowed(Deed::ReviewAccess), ["operations", "owner"]);
        assert_eq!(allowed(Deed::ReadAccess), ["support", "operations", "auditor", "owner"]);
        assert_eq!(allowed(Deed::EndSessions), ["operations", "owner"]);
        assert_eq!(allowed(Deed::Enable), ["reviewer", "account_manager", "operations", "owner"]);
        assert_eq!(allowed(Deed::SendAgain), acting);
        assert_eq!(allowed(Deed::ReadAudit), ["operations", "auditor", "owner"]);
    }

    #[test]
    fn roles_add_up_and_none_is_nothing() {
        let scope = |roles: &[StaffRole]| StaffScope {
            staff: StaffId::from_random([1; 16]),
            name: "Dana Reyes".to_owned(),
            roles: roles.to_vec(),
        };
        let both = scope(&[StaffRole::Auditor, StaffRole::Reviewer]);
        assert!(both.may(Deed::AcceptBrokerage) && both.may(Deed::TakeItem));
        assert!(!scope(&[StaffRole::Auditor]).may(Deed::LeaveNote));
        assert!(Deed::ALL.iter().all(|deed| !scope(&[]).may(*deed)));
    }

    #[test]
    fn words_read_back() {
        for role in StaffRole::ALL {
            assert_eq!(StaffRole::parse(role.as_str()), Some(*role));
        }
        assert_eq!(StaffRole::parse("Reviewer"), None);
    }
}
