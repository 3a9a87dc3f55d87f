//! Lists of the queue that our own people gave a name, each by itself or for all of them.

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
};
use crate::domain::{
    ids::{SavedViewId, StaffId},
    text::ViewName,
};

const OWN: &str = "
SELECT saved_views.id, saved_views.version, saved_views.staff_id, saved_views.name, saved_views.query, saved_views.shared,
    staff.name AS maker
FROM saved_views
JOIN staff ON staff.id = saved_views.staff_id
WHERE saved_views.staff_id = $1
ORDER BY saved_views.name_key, saved_views.id
LIMIT $2";

const SHARED: &str = "
SELECT saved_views.id, saved_views.version, saved_views.staff_id, saved_views.name, saved_views.query, saved_views.shared,
    staff.name AS maker
FROM saved_views
JOIN staff ON staff.id = saved_views.staff_id
WHERE saved_views.shared AND saved_views.staff_id <> $1
ORDER BY saved_views.name_key, saved_views.id
LIMIT $2";

// What somebody keeps to themselves is nobody else's.
const FIND: &str = "
SELECT saved_views.id, saved_views.version, saved_views.staff_id, saved_views.name, saved_views.query, saved_views.shared,
    staff.name AS maker
FROM saved_views
JOIN staff ON staff.id = saved_views.staff_id
WHERE saved_views.id = $1 AND (saved_views.staff_id = $2 OR saved_views.shared)";

// Two presses of one person wait for each other, so that their lists are counted one after the other.
const HOLD: &str = "UPDATE staff SET first_seen_at = first_seen_at WHERE id = $1";

const INSERT: &str = "
INSERT INTO saved_views (id, version, staff_id, name, name_key, query, shared, created_at)
VALUES ($1, 1, $2, $3, $4, $5, $6, $7)";

const CHANGE: &str = "
UPDATE saved_views SET version = version + 1, name = $3, name_key = $4, shared = $5
WHERE id = $1 AND version = $2";

const REMOVE: &str = "DELETE FROM saved_views WHERE id = $1 AND version = $2";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[OWN, SHARED, FIND, HOLD, INSERT, CHANGE, REMOVE];

/// A list with a name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SavedView {
    /// Its id.
    pub id: SavedViewId,
    /// Counts its changes, for its form.
    pub version: i64,
    /// Who made it.
    pub staff_id: StaffId,
    /// What they are called.
    pub maker: String,
    /// Its name.
    pub name: ViewName,
    /// What the address of the queue asks for, as we wrote it.
    pub query: String,
    /// Whether all who see the queue see it.
    pub shared: bool,
}

impl Read {
    /// The lists of one of our people by name, at most so many.
    pub async fn own_views(&mut self, staff: &StaffId, most: i64) -> Result<Vec<SavedView>> {
        Ok(on!(self.tx, c => sqlx::query_as(OWN).bind(staff).bind(most).fetch_all(c).await)?)
    }

    /// The lists that others made for all, by name, at most so many.
    pub async fn shared_views(&mut self, reader: &StaffId, most: i64) -> Result<Vec<SavedView>> {
        Ok(on!(self.tx, c => sqlx::query_as(SHARED).bind(reader).bind(most).fetch_all(c).await)?)
    }

    /// A list that the reader may see; `None` also when it is somebody else's alone.
    pub async fn saved_view(&mut self, reader: &StaffId, id: &SavedViewId) -> Result<Option<SavedView>> {
        Ok(on!(self.tx, c => sqlx::query_as(FIND).bind(id).bind(reader).fetch_optional(c).await)?)
    }
}

impl Write {
    /// Keeps other presses of the same person waiting until the end of the transaction.
    pub async fn hold_views_of(&mut self, staff: &StaffId) -> Result<()> {
        on!(self.tx, c => sqlx::query(HOLD).bind(staff).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Writes a new one. A name that its maker has already is a conflict.
    pub async fn insert_view(&mut self, view: &SavedView) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(&view.id)
            .bind(&view.staff_id)
            .bind(&view.name)
            .bind(view.name.key())
            .bind(view.query.as_str())
            .bind(view.shared)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Writes its name and who sees it. Another version than the one that was read is a conflict.
    pub async fn change_view(&mut self, view: &SavedView) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(CHANGE)
            .bind(&view.id)
            .bind(view.version)
            .bind(&view.name)
            .bind(view.name.key())
            .bind(view.shared)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Removes it. Another version than the one that was read is a conflict.
    pub async fn remove_view(&mut self, view: &SavedView) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(REMOVE)
            .bind(&view.id)
            .bind(view.version)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}
