//! From a job to its action.

use tokio_util::sync::CancellationToken;

use crate::{
    actions::{self, undone::Undone},
    app::App,
    domain::job::{Claimed, Job},
};

/// Carries out one job; the action ends it. A job that lasts gives itself back once `stop` is cancelled. Each action stands
/// on the heap: the largest of them must not be carried on the stack of every other.
pub(super) async fn carry_out(app: App, claimed: Claimed, stop: CancellationToken) -> Result<(), Undone> {
    let (app, claimed) = (&app, &claimed);
    match &claimed.job {
        Job::RunCheck(check) => Box::pin(actions::run_check::run_check(app, claimed, check)).await,
        Job::MakeCertificate(draft) => {
            Box::pin(actions::make_certificate::make_certificate(app, claimed, draft)).await
        }
        Job::CheckRoster(roster) => {
            Box::pin(actions::check_roster::check_roster(app, claimed, roster, &stop)).await
        }
        Job::ClearMailbox(check) => {
            Box::pin(actions::clear_mailbox::clear_mailbox(app, claimed, check)).await
        }
        Job::RecogniseDomain(recognition) => {
            Box::pin(actions::recognise::recognise(app, claimed, recognition)).await
        }
        Job::SendMail(mail) | Job::SendCode(mail) => {
            Box::pin(actions::send_mail::send_mail(app, claimed, mail)).await
        }
        Job::Remind(attempt) => Box::pin(actions::remind::remind(app, claimed, attempt)).await,
        Job::VerifyAudit(verification) => {
            Box::pin(actions::have_audit_verified::carry_out(app, claimed, verification)).await
        }
        Job::ReturnItem(connection) => {
            Box::pin(actions::return_item::return_item(app, claimed, connection)).await
        }
        Job::Reveal(look) => Box::pin(actions::reveal::reveal(app, claimed, look)).await,
        Job::TellStaff => Box::pin(actions::tell_staff::tell_staff(app, claimed)).await,
        Job::DailyMail => Box::pin(actions::daily_mail::daily_mail(app, claimed)).await,
        Job::Sweep => Box::pin(actions::sweep::sweep(app, claimed)).await,
    }
}
