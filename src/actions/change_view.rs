//! Whoever made a list of the queue calls it otherwise, or shows it to all or to nobody else.

use super::{
    form_answer::FormKey,
    save_view::{MAY_NOT_READ, TypedView, is_free, line, named},
};
use crate::{
    app::App,
    domain::{
        ids::SavedViewId,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
};

const NOT_YOURS: Refused = Refused::Forbidden("Only its maker changes a list. You can keep a copy of it.");

/// Writes it; `seen` is the version that the page showed. The same form again changes nothing.
///
/// Errs when there is no such list for this person, when somebody else made it, with the field to mend, and with a conflict
/// when it was changed meanwhile.
pub async fn change_view(
    app: &App,
    scope: &StaffScope,
    id: &SavedViewId,
    seen: i64,
    typed: &TypedView,
    key: &FormKey,
) -> Result<(), Refused> {
    if !scope.may(Deed::ReadQueue) {
        return Err(MAY_NOT_READ);
    }
    match change(app, scope, id, seen, typed, key).await {
        Ok(()) => Ok(()),
        Err(refused) => key.settle(app, scope, refused).await.map(|_| ()),
    }
}

async fn change(
    app: &App,
    scope: &StaffScope,
    id: &SavedViewId,
    seen: i64,
    typed: &TypedView,
    key: &FormKey,
) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    write.hold_views_of(&scope.staff).await?;
    if key.answered(&mut write, scope).await?.is_some() {
        return Ok(());
    }
    let mut view = write.saved_view(&scope.staff, id).await?.ok_or(Refused::NotFound)?;
    if view.staff_id != scope.staff {
        return Err(NOT_YOURS);
    }
    view.name = named(&typed.name)?;
    view.shared = typed.shared;
    is_free(&mut write, scope, &view.name, Some(id)).await?;
    if view.version != seen {
        return Err(Refused::Conflict("You changed this list in another window meanwhile."));
    }
    write.change_view(&view).await?;
    key.note(&mut write, scope, id.as_str()).await?;
    Ok(write.commit(&[line(scope, "view.change", &view)]).await?)
}
