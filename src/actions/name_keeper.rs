//! One of our people names the account manager of a brokerage: its connections stand among theirs in the queue.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{BrokerageId, StaffId},
        refused::Refused,
        staff::{Deed, StaffRole, StaffScope},
    },
};

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedKeeper {
    /// Who was named when the page was shown; empty for nobody.
    pub before: String,
    /// Who shall be named; empty for nobody.
    pub named: String,
}

/// Names them, or nobody; who is named already stays so. A brokerage has one account manager at most.
///
/// Errs when no role may, when there is no such brokerage, with the field when whoever is named is no account manager,
/// and with a conflict when a colleague named somebody else meanwhile.
pub async fn name_keeper(
    app: &App,
    scope: &StaffScope,
    id: &BrokerageId,
    typed: &TypedKeeper,
) -> Result<(), Refused> {
    if !scope.may(Deed::NameKeeper) {
        return Err(Refused::Forbidden("None of your roles names account managers. Ask a reviewer."));
    }
    let named = chosen(&typed.named)?;
    let mut write = app.store.write().await?;
    write.brokerage(id).await?.ok_or(Refused::NotFound)?;
    let now = write.keeper_of(id).await?.map(|manager| manager.staff);
    if now == named {
        return Ok(());
    }
    if now.as_ref().map_or("", StaffId::as_str) != typed.before {
        return Err(Refused::Conflict("A colleague named another account manager meanwhile."));
    }
    if let Some(named) = &named {
        let known = write.staff_with_role(StaffRole::AccountManager).await?;
        if !known.iter().any(|colleague| colleague.staff == *named) {
            return Err(choose());
        }
    }
    write.name_keeper(id, now.as_ref(), named.as_ref()).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "brokerage.manager", id.as_str())
        .of(id)
        .with("from", now.map(|staff| staff.as_str().to_owned()).unwrap_or_default())
        .with("to", named.map(|staff| staff.as_str().to_owned()).unwrap_or_default());
    Ok(write.commit(&[line]).await?)
}

fn choose() -> Refused {
    Refused::field("manager", "Choose one of the account managers of this list")
}

fn chosen(word: &str) -> Result<Option<StaffId>, Refused> {
    match word {
        "" => Ok(None),
        word => StaffId::parse(word).map(Some).map_err(|_| choose()),
    }
}
