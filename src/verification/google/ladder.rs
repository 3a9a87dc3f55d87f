//! The whole check: the proof of the service account, one token for each scope, what reads, what writes, cleaning up.

use crate::{
    domain::{
        address::MailAddress,
        check::{Outcome, Report},
        google::{CONTACTS, SEND},
        lacking::SCOPE,
        test_item::{TestItem, TestThing},
    },
    verification::{
        cleanup::{Cleared, Fate, clear_later},
        cut::Cut,
        diagnose::cause_of,
        evidence::{Evidence, Finding},
        hold::Hold,
        means::Means,
        observer::Observer,
        progress::Running,
        rules::Scene,
        run::{Run, described},
        step::StepId,
        traces::{Trace, Traces},
        writing::{clear as clear_now, fresh_mark, write},
    },
};

use super::{
    call::Caller,
    doors::{self, Asking, Doors},
    items::{Kind, Shelf},
    reading, sending,
    service::Service,
    signing::SigningKey,
    sync,
    token::{self, Wish},
    whose::Whose,
};

/// Runs one check to its verdict.
pub(in crate::verification) async fn check(
    means: Means,
    whose: Whose,
    key: &SigningKey,
    mailbox: &MailAddress,
    observer: &dyn Observer,
) -> Report {
    let (pace, now) = (means.pace, means.clock.now());
    let caller = Caller { client: means.net.provider().clone(), hold: Hold::default() };
    let run = Run::new(whose.plan(), observer, &means);
    let asking = Asking { caller: &caller, key, whose, user: mailbox.as_str(), now };
    let mark = fresh_mark(&means.randomness);
    let cut = Cut::new();
    cut.limit_whole(pace.whole, Box::pin(climb(&run, &asking, &mark, &cut))).await;
    run.report(whose.plan(), None, &cut).await
}

/// Removes what earlier checks left behind.
pub(in crate::verification) async fn clear(
    means: Means,
    (whose, key): (Whose, &SigningKey),
    mailbox: &MailAddress,
    items: &[TestItem],
    observer: &dyn Observer,
) -> Cleared {
    let (pace, now) = (means.pace, means.clock.now());
    let caller = Caller { client: means.net.provider().clone(), hold: Hold::default() };
    let run = Run::new(whose.plan(), observer, &means);
    let asking = Asking { caller: &caller, key, whose, user: mailbox.as_str(), now };
    let cut = Cut::new();
    let reached = cut.limit_whole(pace.whole, async {
        let proved = prove(&run, &asking, &cut).await;
        if proved { Some(doors::open(&run, &asking, &cut).await) } else { None }
    });
    let Some(doors) = reached.await else {
        return Cleared::unreached(items, run.report(whose.plan(), None, &cut).await);
    };
    let mut cleared = Cleared::default();
    for left in items {
        let service = match left.thing {
            TestThing::Contact => doors.contacts.as_ref(),
            TestThing::Event => doors.calendar.as_ref(),
            TestThing::Draft => None,
        };
        let Some(service) = service else {
            cleared.fates.push(Fate::Left);
            continue;
        };
        let mut shelf =
            Shelf { service, whose, today: left.day, mark: left.mark.clone(), traces: Traces::new() };
        let one = std::slice::from_ref(left);
        cleared.add(Box::pin(clear_later(&run, &mut shelf, one)).await);
    }
    if cleared.fates.contains(&Fate::Left) && cleared.cause.is_none() {
        cleared.cause = run.report(whose.plan(), None, &cut).await.cause;
    }
    cleared
}

/// The report of a check for which we have no service account: ours to mend, and nothing was sent.
pub(in crate::verification) async fn not_set_up(
    means: Means,
    whose: Whose,
    observer: &dyn Observer,
) -> Report {
    let run = Run::new(whose.plan(), observer, &means);
    let running = run.progress.begin(StepId::Token);
    run.fail(running, &Evidence::Found(Finding::NoOwnKey), whose.signing(StepId::Token, false)).await;
    run.report(whose.plan(), None, &Cut::new()).await
}

async fn climb(run: &Run<'_>, asking: &Asking<'_>, mark: &str, cut: &Cut) {
    if prove(run, asking, cut).await {
        Box::pin(works(run, asking, mark, cut)).await;
    }
}

/// Everything in one mailbox, with an account whose key is in order.
pub(super) async fn works(run: &Run<'_>, asking: &Asking<'_>, mark: &str, cut: &Cut) {
    let doors = doors::open(run, asking, cut).await;
    // What has not begun when the time is over is skipped, so that nothing is written only to be removed.
    if cut.whole_is_over() {
        return;
    }
    let Doors { contacts, calendar, mail, settings } = doors;
    let whose = asking.whose;
    let (read, entered, refused, unread) = tokio::join!(
        async {
            match &contacts {
                Some(people) => Box::pin(of_contacts(run, people, (whose, mark), cut)).await,
                None => false,
            }
        },
        async {
            match &calendar {
                Some(calendar) => Box::pin(of_calendar(run, calendar, (whose, mark), cut)).await,
                None => false,
            }
        },
        async {
            match &mail {
                Some(mail) => may_send(run, mail, cut).await,
                None => None,
            }
        },
        of_settings(run, settings, whose, cut),
    );
    // A refusal is judged once it is known whether the other tokens did what they are for, and for whom.
    let itself = match &calendar {
        Some(calendar) if entered && refused.as_ref().is_some_and(lacks_mail) => {
            let (account, cut) = (asking.key.account().email.as_str(), cut.step());
            cut.limit_step(run.pace.step, reading::is_own(calendar, account, &cut)).await
        }
        _ => false,
    };
    if let Some((mut running, evidence)) = refused {
        running.learn(SCOPE, SEND.url);
        let scene = Scene { opened: read || entered, itself, ..whose.at(StepId::SendRight) };
        run.fail(running, &evidence, scene).await;
    }
    if let Some((running, evidence, scene)) = unread {
        let cause = cause_of(&evidence, &Scene { itself, ..scene });
        run.progress.end(described(running, &evidence), Outcome::Skipped, Some(cause)).await;
    }
}

/// Whether Gmail answered as it does for somebody without mail.
fn lacks_mail((_, evidence): &(Running, Evidence)) -> bool {
    matches!(evidence, Evidence::Shown(shown) if shown.status == 400)
}

/// Asks whether mail may be sent; hands a refusal back for judgement.
async fn may_send(run: &Run<'_>, mail: &Service<'_>, cut: &Cut) -> Option<(Running, Evidence)> {
    let (mut running, cut) = (run.progress.begin(StepId::SendRight), cut.step());
    let done = cut.limit_step(run.pace.step, sending::send_right(mail, &mut running, &cut)).await;
    match done {
        Ok(()) => {
            run.progress.end(running, Outcome::Passed, None).await;
            None
        }
        Err(evidence) => Some((running, evidence)),
    }
}

/// The account's proof without a user: whether the key is in order is told apart from whether it may act for others.
pub(super) async fn prove(run: &Run<'_>, asking: &Asking<'_>, cut: &Cut) -> bool {
    let mut running = run.progress.begin(StepId::Token);
    let account = asking.key.account();
    running.learn("Service account", account.email.as_str());
    running.learn("Client ID", account.client_id.as_str());
    let scene = asking.whose.signing(StepId::Token, false);
    let theirs = asking.whose == Whose::TheirOwn;
    if theirs && let Err(denied) = run.progress.observer().sign_in_begins().await {
        if let Some(until) = denied.until {
            running.learn("Paused until", until.words());
        }
        run.fail(running, &Evidence::Paused, scene).await;
        return false;
    }
    let cut = cut.step();
    let wish = Wish { scope: CONTACTS.url, user: None };
    let work = token::ask(asking.caller, asking.key, (asking.now, wish), &run.pace, &cut);
    let proved = cut.limit_step(run.pace.step, work).await;
    if let Some(accepted) = judged(proved.as_ref().map(|_| ()), &scene) {
        run.note(|notes| notes.accepted = accepted);
        if theirs {
            run.progress.observer().sign_in_answered(accepted).await;
        }
    }
    match proved {
        Ok(_) => {
            // Google tells of a delegation only whether what is asked for is in it.
            running.learn("May act for", "every user: Google narrows a delegation to scopes, not to people");
            running
                .learn("More scopes than needed", "not known: Google does not tell which others are allowed");
            run.progress.end(running, Outcome::Passed, None).await;
            true
        }
        Err(evidence) => {
            run.fail(running, &evidence, scene).await;
            false
        }
    }
}

/// Whether Google judged the key, and how: `None` when it was busy, never answered, or found fault with something else.
fn judged(proved: Result<(), &Evidence>, scene: &Scene<'_>) -> Option<bool> {
    const NOT_THE_KEY: &[&str] = &[
        "google_transient",
        "throttled",
        "unknown_response",
        "clock_skew",
        "token_request_invalid",
        "our_proxy_auth",
    ];
    match proved {
        Ok(()) => Some(true),
        Err(evidence @ Evidence::Shown(_)) => {
            (!NOT_THE_KEY.contains(&cause_of(evidence, scene))).then_some(false)
        }
        Err(_) => None,
    }
}

/// Reads contacts; then synchronises them, and at the same time writes one and removes it. Whether they could be read.
async fn of_contacts(run: &Run<'_>, people: &Service<'_>, (whose, mark): (Whose, &str), cut: &Cut) -> bool {
    let (mut running, step) = (run.progress.begin(StepId::ContactsRead), cut.step());
    let done = step.limit_step(run.pace.step, reading::contacts(people, &mut running, &step)).await;
    let read = done.is_ok();
    run.end(running, done, whose.at(StepId::ContactsRead)).await;
    if !read || cut.whole_is_over() {
        return read;
    }
    let synchronise = async {
        let (mut running, cut) = (run.progress.begin(StepId::ContactsSync), cut.step());
        let done = cut.limit_step(run.pace.step, sync::contacts(people, &mut running, &cut)).await;
        run.end(running, done, whose.at(StepId::ContactsSync)).await;
    };
    tokio::join!(synchronise, written(run, people, (whose, mark), Kind::Contact, cut));
    read
}

/// The same with the calendar.
async fn of_calendar(run: &Run<'_>, calendar: &Service<'_>, (whose, mark): (Whose, &str), cut: &Cut) -> bool {
    let (mut running, step) = (run.progress.begin(StepId::CalendarRead), cut.step());
    let done = step.limit_step(run.pace.step, reading::calendar(calendar, &mut running, &step)).await;
    let read = done.is_ok();
    run.end(running, done, whose.at(StepId::CalendarRead)).await;
    if !read || cut.whole_is_over() {
        return read;
    }
    let synchronise = async {
        let (mut running, cut) = (run.progress.begin(StepId::CalendarSync), cut.step());
        let done = cut.limit_step(run.pace.step, sync::calendar(calendar, &mut running, &cut)).await;
        run.end(running, done, whose.at(StepId::CalendarSync)).await;
    };
    tokio::join!(synchronise, written(run, calendar, (whose, mark), Kind::Event, cut));
    read
}

async fn written(run: &Run<'_>, service: &Service<'_>, (whose, mark): (Whose, &str), kind: Kind, cut: &Cut) {
    let shelf = Shelf { service, whose, today: run.today, mark: mark.to_owned(), traces: Traces::new() };
    if write(run, &shelf, kind, cut).await.is_some() && shelf.traces.get(kind) != Trace::None {
        clear_now(run, &shelf, kind).await;
    }
}

/// Signature and sending addresses; hands back what kept them from being read. The check does without.
async fn of_settings(
    run: &Run<'_>,
    settings: Result<Service<'_>, Evidence>,
    whose: Whose,
    cut: &Cut,
) -> Option<(Running, Evidence, Scene<'static>)> {
    let (mut running, cut) = (run.progress.begin(StepId::MailSettings), cut.step());
    let (done, scene) = match settings {
        Ok(mail) => (
            cut.limit_step(run.pace.step, reading::senders(&mail, &mut running, &cut)).await,
            whose.at(StepId::MailSettings),
        ),
        Err(evidence) => (Err(evidence), whose.signing(StepId::MailSettings, true)),
    };
    match done {
        Ok(()) => {
            run.progress.end(running, Outcome::Passed, None).await;
            None
        }
        Err(evidence) => Some((running, evidence, scene)),
    }
}
