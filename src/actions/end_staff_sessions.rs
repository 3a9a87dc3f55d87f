//! One of our people ends sessions of their own, or those of a colleague: a browser that was left open somewhere, or
//! somebody who left.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::StaffId,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    store::SessionKey,
};

/// Which sessions of one's own are ended.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// One of them.
    One(&'a SessionKey),
    /// All but this one.
    AllBut(&'a SessionKey),
    /// All of them.
    All,
}

/// Ends sessions of one's own. What has ended already stays so.
///
/// Errs when the database is away.
pub async fn end_own_sessions(app: &App, scope: &StaffScope, which: Which<'_>) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    let ended = match which {
        Which::One(key) => write.end_staff_session(&scope.staff, key).await?,
        Which::AllBut(present) => write.end_other_staff_sessions(&scope.staff, present).await?,
        Which::All => write.end_staff_sessions_of(&scope.staff).await?,
    };
    Ok(write.commit(&[line(scope, &scope.staff, ended)]).await?)
}

/// Ends every session of a colleague; gives their name. They can sign in again as long as the company's sign-in tells a
/// role of theirs.
///
/// Errs when no role may, and when there is no such colleague.
pub async fn end_colleagues_sessions(app: &App, scope: &StaffScope, whose: &str) -> Result<String, Refused> {
    if !scope.may(Deed::EndSessions) {
        return Err(Refused::Forbidden(
            "None of your roles signs colleagues out. Ask operations or an owner.",
        ));
    }
    let whose = &StaffId::parse(whose).map_err(|_| Refused::NotFound)?;
    let mut write = app.store.write().await?;
    let name = write.staff(whose).await?.ok_or(Refused::NotFound)?.name;
    let ended = write.end_staff_sessions_of(whose).await?;
    write.commit(&[line(scope, whose, ended)]).await?;
    Ok(name)
}

fn line(scope: &StaffScope, whose: &StaffId, ended: u64) -> AuditLine {
    AuditLine::new(Actor::Staff(scope.staff.clone()), "staff.end_sessions", whose.as_str())
        .with("count", ended.to_string())
}
