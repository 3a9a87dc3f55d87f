//! Tenant scope: what a signed-in person may touch. Every portal query takes it and has the brokerage in its WHERE.

use super::ids::{BrokerageId, PersonId};

/// The brokerage and the person that a portal session acts for. Only the session guard makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The brokerage.
    pub brokerage: BrokerageId,
    /// The person.
    pub person: PersonId,
}
