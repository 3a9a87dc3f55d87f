//! Many mailboxes of an Exchange server: signed in once, over as many connections as were asked for.

use crate::{
    domain::{
        check::{Outcome, Report},
        exchange::{ExchangeSettings, ServicePassword},
        roster::RosterMailbox,
    },
    verification::{
        cut::Cut,
        ews::{look, mailbox, works},
        means::Means,
        observer::Observer,
        pace::Pace,
        run::Run,
        step::{EXCHANGE_PARTS, OUTSIDE, StepId},
        visits::{AtMailbox, Visits},
    },
};

use super::{
    account::password_expiry,
    ladder::{Door, Ladder},
};

/// Signs in, visits every mailbox, and reports of the sign-in.
pub(in crate::verification) async fn visit(
    means: Means,
    settings: &ExchangeSettings,
    password: &ServicePassword,
    observer: &dyn Observer,
    visits: &Visits<'_>,
) -> Report {
    let ladder = Ladder::new(&EXCHANGE_PARTS.door, &means, (settings, password), observer);
    let cut = Cut::new();
    let door = cut.limit_whole(means.pace.whole, Box::pin(opened(&ladder, visits.at_once, &cut))).await;
    if let Some(door) = &door {
        Box::pin(visits.each(|one| enter(&ladder, door, (one, visits.at(one))))).await;
    }
    drop(door);
    ladder.run.report(&EXCHANGE_PARTS.door, None, &cut).await
}

async fn opened<'l>(ladder: &'l Ladder<'_>, places: usize, cut: &Cut) -> Option<Door<'l>> {
    let door = ladder.sign_in(places.max(1), cut).await?;
    let ews = ladder.ews(&door.lines, ladder.settings.test_mailbox.as_str(), door.schema);
    ews.prove(true);
    password_expiry(&ladder.run, &ews, &ladder.settings.service_account, cut).await;
    Some(door)
}

async fn enter(ladder: &Ladder<'_>, door: &Door<'_>, (one, told): (&RosterMailbox, AtMailbox<'_>)) -> Report {
    let plan = if one.outside { &OUTSIDE } else { &EXCHANGE_PARTS.mailbox };
    let run = Run::new(plan, &told, ladder.means).at_pace(Pace::of_many());
    let ews = ladder.ews(&door.lines, one.mailbox.as_str(), door.schema).at_pace(run.pace);
    ews.prove(true);
    let cut = Cut::new();
    // Boxed where it is made: it is long, and is handed on from one to the other.
    let visit = Box::pin(async {
        if one.outside {
            return look(&run, &ews, &cut).await;
        }
        let (mut running, step) = (run.progress.begin(StepId::Mailbox), cut.step());
        let opened = step.limit_step(run.pace.step, mailbox(&ews, &mut running, &step)).await;
        match opened {
            Ok(()) => {
                run.progress.end(running, Outcome::Passed, None).await;
                Box::pin(works(&run, &ews, &cut)).await;
            }
            Err(evidence) => ladder.not_opened(&run, &ews, (running, &evidence), None, &cut).await,
        }
    });
    cut.limit_whole(run.pace.whole, visit).await;
    run.note(|notes| notes.accepted = true);
    run.report(plan, None, &cut).await
}
