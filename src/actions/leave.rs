//! An office that has not begun says that it does not go on, and why: a connection is made and closed at once, so that
//! our people read it where they read everything else, and the office can take it up again.

use crate::{
    app::App,
    domain::{connection::State, ids::ConnectionId, kind::AccessKind, refused::Refused, scope::Scope},
};

use super::{
    close_connection::{TypedClosing, close_connection, parse},
    create_connection::{TypedConnection, create_unchosen},
    form_answer::FormKey,
};

/// What the connection is called that nobody named.
const NAME: &str = "No mail system connected";

/// Says it; returns the connection. `kind` is any that is open to the office: nobody chose it, and nobody reads it. The same
/// form again changes nothing.
///
/// Errs with the fields to mend, and where no connection can be made.
pub async fn leave(
    app: &App,
    scope: &Scope,
    kind: AccessKind,
    typed: &TypedClosing,
    key: &FormKey,
) -> Result<ConnectionId, Refused> {
    parse(typed)?;
    let new =
        TypedConnection { name: NAME.to_owned(), external_id: String::new(), kind: kind.id().to_owned() };
    let id = create_unchosen(app, scope, &new, key).await?;
    let made = app.store.read().await?.connection(&scope.brokerage, &id).await?.ok_or(Refused::NotFound)?;
    if made.state != State::Closed {
        close_connection(app, scope, &id, made.version, typed).await?;
    }
    Ok(id)
}
