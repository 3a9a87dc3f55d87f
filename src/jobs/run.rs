//! From a job to its action.

use tokio_util::sync::CancellationToken;

use crate::{
    actions::{self, undone::Undone},
    app::App,
    domain::job::{Claimed, Job},
};

/// Carries out one job; the action ends it. A job that lasts gives itself back once `stop` is cancelled.
pub(super) async fn carry_out(app: App, claimed: Claimed, stop: CancellationToken) -> Result<(), Undone> {
    match &claimed.job {
        Job::RunCheck(check) => actions::run_check::run_check(&app, &claimed, check).await,
        Job::MakeCertificate(draft) => {
            actions::make_certificate::make_certificate(&app, &claimed, draft).await
        }
        Job::CheckRoster(roster) => {
            // Boxed: many mailboxes are opened in it at the same time.
            Box::pin(actions::check_roster::check_roster(&app, &claimed, roster, &stop)).await
        }
        Job::ClearMailbox(check) => actions::clear_mailbox::clear_mailbox(&app, &claimed, check).await,
        Job::SendMail(mail) | Job::SendCode(mail) => {
            actions::send_mail::send_mail(&app, &claimed, mail).await
        }
        Job::Sweep => actions::sweep::sweep(&app, &claimed).await,
    }
}
