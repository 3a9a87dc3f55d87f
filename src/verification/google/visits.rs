//! Many mailboxes of an office: the account proved once, and tokens for each of them, which Google gives to one user each.

use crate::{
    domain::{address::MailAddress, check::Report},
    verification::{
        cut::Cut,
        hold::Hold,
        means::Means,
        observer::Observer,
        pace::Pace,
        run::Run,
        step::GOOGLE_PARTS,
        visits::{AtMailbox, Visits},
        writing::fresh_mark,
    },
};

use super::{
    call::Caller,
    doors::Asking,
    ladder::{prove, works},
    signing::SigningKey,
    whose::Whose,
};

/// Proves the account, visits every mailbox, and reports of the proof.
pub(in crate::verification) async fn visit(
    means: Means,
    (whose, key): (Whose, &SigningKey),
    user: &MailAddress,
    observer: &dyn Observer,
    visits: &Visits<'_>,
) -> Report {
    let run = Run::new(&GOOGLE_PARTS.door, observer, &means);
    let caller = Caller { client: means.net.provider().clone(), hold: Hold::default() };
    let asking = |user| Asking { caller: &caller, key, whose, user, now: means.clock.now() };
    let cut = Cut::new();
    let proved = cut.limit_whole(means.pace.whole, prove(&run, &asking(user.as_str()), &cut)).await;
    if proved {
        let (asking, means) = (&asking, &means);
        let all = visits
            .each(|one| async move { enter(means, &asking(one.mailbox.as_str()), &visits.at(one)).await });
        Box::pin(all).await;
    }
    run.report(&GOOGLE_PARTS.door, None, &cut).await
}

async fn enter(means: &Means, asking: &Asking<'_>, told: &AtMailbox<'_>) -> Report {
    let plan = &GOOGLE_PARTS.mailbox;
    let run = Run::new(plan, told, means).at_pace(Pace::of_many());
    let cut = Cut::new();
    let mark = fresh_mark(&means.randomness);
    cut.limit_whole(run.pace.whole, Box::pin(works(&run, asking, &mark, &cut))).await;
    run.note(|notes| notes.accepted = true);
    run.report(plan, None, &cut).await
}
