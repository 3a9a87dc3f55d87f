//! The part of a brokerage's page that says which account manager is named for it.

use crate::{
    domain::{
        ids::BrokerageId,
        staff::{Deed, StaffRole, StaffScope},
    },
    store::{Colleague, Read, Result as Stored},
};

/// Who is named, and who can be.
pub(super) struct KeeperView {
    /// Their name; empty for nobody.
    pub(super) name: String,
    /// Their id; empty for nobody.
    pub(super) id: String,
    /// Whether they are an account manager no more.
    pub(super) lost_role: bool,
    pub(super) is_reader: bool,
    /// Who can be named; none when the reader may not name anybody.
    pub(super) offered: Option<Vec<Colleague>>,
}

impl KeeperView {
    pub(super) async fn read(read: &mut Read, scope: &StaffScope, id: &BrokerageId) -> Stored<Self> {
        let named = read.keeper_of(id).await?;
        let offered = match scope.may(Deed::NameKeeper) {
            true => Some(read.staff_with_role(StaffRole::AccountManager).await?),
            false => None,
        };
        Ok(Self {
            name: named.as_ref().map(|manager| manager.name.clone()).unwrap_or_default(),
            id: named.as_ref().map(|manager| manager.staff.as_str().to_owned()).unwrap_or_default(),
            lost_role: named.as_ref().is_some_and(|manager| !manager.has_role),
            is_reader: named.is_some_and(|manager| manager.staff == scope.staff),
            offered,
        })
    }

    #[cfg(test)]
    pub(super) fn sample(name: &str, may: bool) -> Self {
        use crate::domain::ids::StaffId;
        let colleague =
            |number| Colleague { staff: StaffId::from_random([number; 16]), name: name.to_owned() };
        Self {
            name: name.to_owned(),
            id: colleague(3).staff.as_str().to_owned(),
            lost_role: !may,
            is_reader: may,
            offered: may.then(|| vec![colleague(3), colleague(4)]),
        }
    }
}
