//! A check and the job that carries it out: the one is never written without the other.

use crate::{
    app::App,
    domain::{ids::JobId, job::Job},
    store::{self, NewCheck, Write},
};

/// Writes a check and its job, both due when the check says.
///
/// Errs when the database is away.
pub(super) async fn queue_check(app: &App, write: &mut Write, check: &NewCheck) -> store::Result<()> {
    write.insert_check(check).await?;
    let job = Job::RunCheck(check.id.clone());
    write.enqueue(app.new_id(JobId::from_random), &job, Some(&check.brokerage_id), check.due_at).await
}
