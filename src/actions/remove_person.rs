//! A person of a brokerage takes somebody's access away.

use super::invite_colleague::may_invite;
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::PersonId,
        refused::Refused,
        scope::Scope,
    },
};

/// Takes it away: their sessions end at once and everywhere, and the codes they were sent are worth nothing. Somebody who
/// has none stays without.
///
/// Errs when this person's duty does not let them, and for oneself: then nobody might be left.
pub async fn remove_person(app: &App, scope: &Scope, id: &PersonId) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    may_invite(&mut write, scope).await?;
    if *id == scope.person {
        return Err(Refused::Conflict("You cannot take your own access away. Ask a colleague to do it."));
    }
    if !write.remove_person(&scope.brokerage, id).await? {
        return Ok(());
    }
    write.forget_sign_ins(id).await?;
    write.end_sessions_of(id).await?;
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "person.remove", id.as_str());
    Ok(write.commit(&[line.of(&scope.brokerage)]).await?)
}
