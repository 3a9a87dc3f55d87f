//! Audit lines: who did what to which thing. They are written in the transaction of the effect.

use super::ids::{BrokerageId, PersonId, StaffId};

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A brokerage admin.
    Person(PersonId),
    /// One of our own people.
    Staff(StaffId),
    /// The portal itself: a worker, a schedule.
    System,
    /// Somebody not signed in.
    Anonymous,
}

impl Actor {
    /// The word and the id for the table.
    pub fn columns(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Person(id) => ("person", Some(id.as_str())),
            Self::Staff(id) => ("staff", Some(id.as_str())),
            Self::System => ("system", None),
            Self::Anonymous => ("anonymous", None),
        }
    }
}

/// One line of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Who acted.
    pub actor: Actor,
    /// What they did: `attempt.submit`.
    pub verb: &'static str,
    /// The id of what it was done to.
    pub object: String,
    /// For which brokerage.
    pub brokerage: Option<BrokerageId>,
    /// More, as JSON values that hold no secret and no setting: numbers, states, cause ids, digests.
    pub detail: Vec<(&'static str, String)>,
}

impl AuditLine {
    /// A line without more detail.
    pub fn new(actor: Actor, verb: &'static str, object: impl Into<String>) -> Self {
        Self { actor, verb, object: object.into(), brokerage: None, detail: Vec::new() }
    }

    /// The brokerage it belongs to.
    pub fn of(mut self, brokerage: &BrokerageId) -> Self {
        self.brokerage = Some(brokerage.clone());
        self
    }

    /// One more detail.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.detail.push((name, value.into()));
        self
    }
}
