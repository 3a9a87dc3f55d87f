//! A list of the queue is removed: by whoever made it, or by an owner where it is everybody's.

use super::{
    form_answer::FormKey,
    save_view::{MAY_NOT_READ, line},
};
use crate::{
    app::App,
    domain::{
        ids::SavedViewId,
        refused::Refused,
        staff::{Deed, StaffRole, StaffScope},
    },
    store::SavedView,
};

const NOT_YOURS: Refused = Refused::Forbidden("Only its maker or an owner removes a list of the team.");

/// Whether this person may remove a list that they see.
pub fn may_remove(scope: &StaffScope, view: &SavedView) -> bool {
    view.staff_id == scope.staff || scope.roles.contains(&StaffRole::Owner)
}

/// Removes it; `seen` is the version that the page showed. The same form again changes nothing.
///
/// Errs when there is no such list for this person, when it is not theirs to remove, and with a conflict when it was
/// changed meanwhile.
pub async fn remove_view(
    app: &App,
    scope: &StaffScope,
    id: &SavedViewId,
    seen: i64,
    key: &FormKey,
) -> Result<(), Refused> {
    if !scope.may(Deed::ReadQueue) {
        return Err(MAY_NOT_READ);
    }
    let mut write = app.store.write().await?;
    write.hold_views_of(&scope.staff).await?;
    if key.answered(&mut write, scope).await?.is_some() {
        return Ok(());
    }
    let view = write.saved_view(&scope.staff, id).await?.ok_or(Refused::NotFound)?;
    if !may_remove(scope, &view) {
        return Err(NOT_YOURS);
    }
    if view.version != seen {
        return Err(Refused::Conflict("This list was changed meanwhile."));
    }
    write.remove_view(&view).await?;
    key.note(&mut write, scope, id.as_str()).await?;
    Ok(write.commit(&[line(scope, "view.remove", &view).with("maker", view.staff_id.as_str())]).await?)
}
