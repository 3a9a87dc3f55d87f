//! From a job to its action.

use crate::{
    actions::{self, undone::Undone},
    app::App,
    domain::job::{Claimed, Job},
};

/// Carries out one job; the action ends it.
pub(super) async fn carry_out(app: App, claimed: Claimed) -> Result<(), Undone> {
    match &claimed.job {
        Job::RunCheck(check) => actions::run_check::run_check(&app, &claimed, check).await,
        Job::MakeCertificate(draft) => {
            actions::make_certificate::make_certificate(&app, &claimed, draft).await
        }
        Job::SendMail(mail) | Job::SendCode(mail) => {
            actions::send_mail::send_mail(&app, &claimed, mail).await
        }
        Job::Sweep => actions::sweep::sweep(&app, &claimed).await,
    }
}
