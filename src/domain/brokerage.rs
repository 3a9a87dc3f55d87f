//! The customer and its people.

use super::{
    address::{MailAddress, MailDomain},
    duty::Duty,
    ids::{BrokerageId, PersonId},
    instant::Instant,
    kind::AccessKind,
    text::{Brand, CompanyName, PersonName},
};

/// How a brokerage came to the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Somebody proved an address and started by themselves.
    SelfStarted,
    /// Staff invited it.
    Invited,
}

impl Origin {
    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfStarted => "self_started",
            Self::Invited => "invited",
        }
    }

    /// Reads the word from the table.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::SelfStarted, Self::Invited].into_iter().find(|origin| origin.as_str() == word)
    }
}

/// A customer of MoxiEngage.
#[derive(Debug, Clone)]
pub struct Brokerage {
    /// Its id.
    pub id: BrokerageId,
    /// Counts changes; an action that saw another number is refused.
    pub version: i64,
    /// Its company name.
    pub company: CompanyName,
    /// The person we speak with.
    pub contact: PersonName,
    /// Its brand, where it has several.
    pub brand: Option<Brand>,
    /// How it came to us.
    pub origin: Origin,
    /// The domain of the address by which it was proven.
    pub proven_domain: MailDomain,
    /// When staff accepted it; an invited one is accepted from the start.
    pub accepted_at: Option<Instant>,
    /// When staff refused it: it is not who it says it is.
    pub refused_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
}

impl Brokerage {
    /// Whether it may check this mailbox. Until staff accept a brokerage that started by itself it may check
    /// only mailboxes of the domain it has proven: otherwise the portal would be a password-testing machine.
    pub fn may_check(&self, mailbox: &MailAddress) -> bool {
        self.may_check_domain(&mailbox.domain())
    }

    /// Whether one of its connections may open this mailbox beside the test mailbox. Our own account at Google may act in
    /// every office that allows it, so with it only the proven domain counts, also once the brokerage is accepted.
    pub fn may_open(&self, kind: AccessKind, mailbox: &MailAddress) -> bool {
        match kind {
            AccessKind::GoogleDelegated => mailbox.domain() == self.proven_domain,
            _ => self.may_check(mailbox),
        }
    }

    /// The same rule for a tenant that is named by its domain.
    pub fn may_check_domain(&self, domain: &MailDomain) -> bool {
        self.accepted_at.is_some() || *domain == self.proven_domain
    }

    /// The same rule for a server that is named by its host, or for the domain of a login: it has to lie within the
    /// domain that was proven.
    pub fn may_reach(&self, host: &MailDomain) -> bool {
        self.may_check_domain(host) || host.is_within(&self.proven_domain)
    }
}

/// A person who may sign in for a brokerage. The address is kept encrypted, so it is not part of this value.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// The brokerage they act for.
    pub brokerage_id: BrokerageId,
    /// Their name.
    pub name: PersonName,
    /// What they do for it.
    pub duty: Duty,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_account_opens_only_mailboxes_of_the_proven_domain() {
        let brokerage = |accepted_at| Brokerage {
            id: BrokerageId::from_random([1; 16]),
            version: 1,
            company: CompanyName::parse("Lakeshore Realty").expect("a name"),
            contact: PersonName::parse("Ida").expect("a name"),
            brand: None,
            origin: Origin::SelfStarted,
            proven_domain: MailDomain::parse("lakeshore.example").expect("a domain"),
            accepted_at,
            refused_at: None,
            created_at: Instant::from_micros(0),
        };
        let (known, new) = (brokerage(Some(Instant::from_micros(1))), brokerage(None));
        let own = MailAddress::parse("ida@lakeshore.example").expect("an address");
        let other = MailAddress::parse("ida@harbor.example").expect("an address");
        for kind in AccessKind::ALL {
            assert!(known.may_open(*kind, &own) && new.may_open(*kind, &own), "{kind:?}");
            assert!(!new.may_open(*kind, &other), "{kind:?}");
            assert_eq!(known.may_open(*kind, &other), *kind != AccessKind::GoogleDelegated, "{kind:?}");
        }
    }
}
