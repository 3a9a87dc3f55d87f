//! A person ends sessions of their own in other browsers.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        refused::Refused,
        scope::Scope,
    },
    store::SessionKey,
};

/// Ends one of one's own sessions, or with `None` all but the present one. What has ended already stays so.
///
/// Errs when the database is away.
pub async fn end_sessions(
    app: &App,
    scope: &Scope,
    one: Option<&SessionKey>,
    present: &SessionKey,
) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    let ended = match one {
        Some(one) => write.end_session(&scope.person, one).await?,
        None => write.end_other_sessions(&scope.person, present).await?,
    };
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "session.end", scope.person.as_str())
        .of(&scope.brokerage)
        .with("count", ended.to_string());
    Ok(write.commit(&[line]).await?)
}
