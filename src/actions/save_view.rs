//! One of our people gives a list of the queue a name, for themselves or for all who see the queue.

use super::form_answer::FormKey;
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::SavedViewId,
        refused::Refused,
        staff::{Deed, StaffScope},
        text::ViewName,
    },
    store::{Read, SavedView},
};

/// So many lists one person keeps at most.
pub const MOST_VIEWS: i64 = 20;

pub(super) const MAY_NOT_READ: Refused = Refused::Forbidden("None of your roles reads the queue.");

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedView {
    /// Its name.
    pub name: String,
    /// Whether all who see the queue shall see it.
    pub shared: bool,
}

/// Keeps it; returns its id. The same form again returns the same id and keeps nothing. `query` is what the address of the
/// queue asks for, as its page read and wrote it: nothing that was typed.
///
/// Errs when no role may, and with the field to mend.
pub async fn save_view(
    app: &App,
    scope: &StaffScope,
    typed: &TypedView,
    query: &str,
    key: &FormKey,
) -> Result<SavedViewId, Refused> {
    if !scope.may(Deed::ReadQueue) {
        return Err(MAY_NOT_READ);
    }
    let saved = match save(app, scope, typed, query, key).await {
        Ok(saved) => saved,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    SavedViewId::parse(&saved).map_err(|_| Refused::Fault(String::new()))
}

async fn save(
    app: &App,
    scope: &StaffScope,
    typed: &TypedView,
    query: &str,
    key: &FormKey,
) -> Result<String, Refused> {
    let name = named(&typed.name)?;
    let mut write = app.store.write().await?;
    write.hold_views_of(&scope.staff).await?;
    if let Some(saved) = key.answered(&mut write, scope).await? {
        return Ok(saved);
    }
    is_free(&mut write, scope, &name, None).await?;
    let view = SavedView {
        id: app.new_id(SavedViewId::from_random),
        version: 1,
        staff_id: scope.staff.clone(),
        maker: scope.name.clone(),
        name,
        query: query.to_owned(),
        shared: typed.shared,
    };
    write.insert_view(&view).await?;
    key.note(&mut write, scope, view.id.as_str()).await?;
    write.commit(&[line(scope, "view.save", &view)]).await?;
    Ok(view.id.into())
}

/// Reads a name.
pub(super) fn named(typed: &str) -> Result<ViewName, Refused> {
    ViewName::parse(typed).map_err(|problem| Refused::field("name", problem.sentence("the name of the list")))
}

/// Whether the person has room for a list of this name; `but` is the one that is to be called so.
pub(super) async fn is_free(
    read: &mut Read,
    scope: &StaffScope,
    name: &ViewName,
    but: Option<&SavedViewId>,
) -> Result<(), Refused> {
    let own = read.own_views(&scope.staff, MOST_VIEWS).await?;
    if own.iter().any(|view| Some(&view.id) != but && view.name.key() == name.key()) {
        return Err(Refused::field("name", "You have a list of this name already. Choose another name"));
    }
    if but.is_none() && i64::try_from(own.len()).unwrap_or(i64::MAX) >= MOST_VIEWS {
        let sentence = format!("You have {MOST_VIEWS} saved lists, and that is the most. Remove one first");
        return Err(Refused::field("name", sentence));
    }
    Ok(())
}

/// What the audit keeps: which list, and whether it is everybody's. Not its name: that may be a customer's.
pub(super) fn line(scope: &StaffScope, verb: &'static str, view: &SavedView) -> AuditLine {
    AuditLine::new(Actor::Staff(scope.staff.clone()), verb, view.id.as_str())
        .with("team", if view.shared { "yes" } else { "no" })
}
