//! A submission is there as a whole or not at all, once, and whoever asks again gets the same answer.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use moxi_onboard::{
    actions::{
        create_connection::{TypedConnection, create_connection},
        draft::{Bench, open_settings},
        form_answer::FormKey,
        save_answers::Goal,
        start_attempt::start_attempt,
        submit::submit,
    },
    app::App,
    domain::{
        answers::Answers,
        audit::{Actor, AuditLine},
        causes,
        check::CauseId,
        connection::{Connection, Phase, State},
        ids::{AttemptId, ConnectionId},
        refused::Refused,
        renewal::Renewal,
        scope::Scope,
    },
    store::{AttemptMove, Move, StoredAttempt},
};
use sha2::{Digest, Sha256};

use crate::{
    databases::{Database, Kind, on_both},
    office::{
        CLIENT, OTHER_SESSION, SECRET, SESSION, fresh_key, good_answers, key_with, office, office_of, portal,
        save, typed,
    },
    rows,
};

const DOMAIN: &str = "lakeshore.example";

async fn connect(app: &App, scope: &Scope, name: &str) -> ConnectionId {
    let typed = TypedConnection {
        name: name.to_owned(),
        external_id: String::new(),
        kind: "graph_secret".to_owned(),
    };
    create_connection(app, scope, &typed, &fresh_key()).await.expect("a connection")
}

/// Saves answers that are right for attempt `n`; returns the version of the draft that the page would show.
async fn fill_in(app: &App, scope: &Scope, id: &ConnectionId, n: i64) -> i64 {
    let answers = proposed(n, good_answers(DOMAIN));
    let saved = save(app, scope, id, typed(answers, SECRET), Goal::Review).await.expect("saved");
    assert!(saved.errors.is_empty(), "{:?}", saved.errors);
    version(app, scope, id).await
}

fn proposed(n: i64, answers: Answers) -> Answers {
    let secret = Answers::proposed(answers.kind(), n).text("secret_name").to_owned();
    answers.with("secret_name", secret)
}

async fn version(app: &App, scope: &Scope, id: &ConnectionId) -> i64 {
    let mut read = app.store.read().await.expect("a transaction");
    read.draft(&scope.brokerage, id).await.expect("a read").expect("a draft").version
}

pub async fn ready(app: &App, scope: &Scope, name: &str) -> (ConnectionId, i64) {
    let id = connect(app, scope, name).await;
    let seen = fill_in(app, scope, &id, 1).await;
    (id, seen)
}

pub async fn press(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    seen: i64,
    key: &FormKey,
) -> Result<AttemptId, Refused> {
    submit(app, scope, SESSION, id, seen, key).await
}

async fn standing(app: &App, scope: &Scope, id: &ConnectionId) -> (Connection, Vec<StoredAttempt>) {
    let mut read = app.store.read().await.expect("a transaction");
    let connection = read.connection(&scope.brokerage, id).await.expect("a read").expect("it is there");
    (connection, read.attempts_of(&scope.brokerage, id).await.expect("a read"))
}

/// What the worker writes when a check ends badly.
pub async fn fail(app: &App, scope: &Scope, id: &ConnectionId, cause: &str) {
    let (connection, attempts) = standing(app, scope, id).await;
    let attempt = &attempts.last().expect("an attempt").attempt;
    let (cause, now) = (CauseId::from_stored(cause.to_owned()), app.clock.now());
    let mut write = app.store.write().await.expect("a transaction");
    let to = (State::Failed, None);
    let step = Move { from: State::Submitted, to, in_use: None, candidate: connection.candidate.as_ref() };
    write.guard_connection(&scope.brokerage, id, connection.version).await.expect("nobody else");
    write.move_connection(&scope.brokerage, id, &step).await.expect("a move");
    let step = AttemptMove {
        from: State::Submitted,
        to,
        cause: Some(&cause),
        check: attempt.check_id.as_ref(),
        decided_at: Some(now),
    };
    write.move_attempt(&scope.brokerage, &attempt.id, &step).await.expect("a move");
    write.commit(&[AuditLine::new(Actor::System, "test.fail", id.as_str())]).await.expect("a commit");
}

/// Everything that belongs to a submission, counted.
type Parts = ((State, usize, bool, usize, usize, usize, usize, usize), usize);

/// Whether the submission is there as a whole; panics when it is there in part. It is looked at in several reads, and a
/// commit that was under way when its sender went away may come to its end between two of them: so it is looked at until
/// two looks see the same.
async fn is_whole(database: &Database, app: &App, scope: &Scope, id: &ConnectionId) -> bool {
    let people = format!("SELECT id FROM people WHERE brokerage_id = '{}'", scope.brokerage);
    let people = rows::texts(database, &people).await.len();
    let mut seen = parts(database, app, scope, id).await;
    loop {
        let again = parts(database, app, scope, id).await;
        if again == seen {
            break;
        }
        seen = again;
    }
    match seen {
        ((State::Submitted, 1, true, 1, 1, 1, 1, 1), mails) if mails == people => true,
        ((State::Draft, 0, false, 0, 0, 0, 0, 0), 0) => false,
        half => panic!("half a submission: {half:?}"),
    }
}

async fn parts(database: &Database, app: &App, scope: &Scope, id: &ConnectionId) -> Parts {
    let (connection, attempts) = standing(app, scope, id).await;
    let draft = app.store.read().await.expect("a read").draft(&scope.brokerage, id).await.expect("a read");
    let one = |query: String| async move { rows::texts(database, &query).await.len() };
    let checks = one(format!("SELECT id FROM checks WHERE connection_id = '{id}'")).await;
    let kept =
        one(format!("SELECT id FROM secrets WHERE connection_id = '{id}' AND expires_at IS NULL")).await;
    let jobs = one(format!(
        "SELECT jobs.id FROM jobs JOIN checks ON checks.id = jobs.subject WHERE checks.connection_id = '{id}'"
    ))
    .await;
    let lines = one(format!(
        "SELECT audit.id FROM audit JOIN attempts ON attempts.id = audit.object WHERE audit.verb = 'attempt.submit' AND attempts.connection_id = '{id}'"
    ))
    .await;
    let keys = one(format!(
        "SELECT key FROM form_keys JOIN attempts ON attempts.id = form_keys.location WHERE attempts.connection_id = '{id}'"
    ))
    .await;
    let mails = one(format!(
        "SELECT mails.id FROM mails JOIN attempts ON attempts.id = mails.event_id JOIN jobs ON jobs.subject = mails.id WHERE mails.kind = 'received' AND attempts.connection_id = '{id}'"
    ))
    .await;
    ((connection.state, attempts.len(), draft.is_none(), checks, kept, jobs, lines, keys), mails)
}

/// Gives up a piece of work after it was looked at so many times: a browser that went away, a process that ended.
struct CutAfter<F> {
    work: F,
    looks: usize,
}

impl<F: Future + Unpin> Future for CutAfter<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.looks == 0 {
            return Poll::Ready(None);
        }
        self.looks -= 1;
        Pin::new(&mut self.work).poll(context).map(Some)
    }
}

on_both! {
    async fn a_submission_writes_everything_that_belongs_to_it(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let (id, seen) = ready(&app, &scope, "Main").await;
        let made = press(&app, &scope, &id, seen, &fresh_key()).await.expect("submitted");
        assert!(is_whole(database, &app, &scope, &id).await);

        let (connection, attempts) = standing(&app, &scope, &id).await;
        let attempt = &attempts[0].attempt;
        assert_eq!((connection.phase, connection.candidate.as_ref()), (Some(Phase::Queued), Some(&made)));
        assert_eq!((attempt.number, attempt.state, attempt.phase), (1, State::Submitted, Some(Phase::Queued)));
        assert_eq!(attempt.submitted_by, scope.person);
        let settings = open_settings(&app, &made, &attempts[0].settings_box).expect("settings");
        assert_eq!(settings.test_mailbox().as_str(), "pat@lakeshore.example");

        let mut read = app.store.read().await.expect("a transaction");
        let secret = attempt.secret_id.clone().expect("a secret");
        let sealed = read.secret(&scope.brokerage, &secret).await.expect("a read").expect("sealed");
        assert_eq!(sealed.expires_at, None, "it stays");
        let lines = read.audit_of(&scope.brokerage).await.expect("lines");
        let line = lines.iter().find(|line| line.verb == "attempt.submit").expect("a line");
        let digest: String = Sha256::digest(&sealed.sealed).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(line.detail.contains(&digest), "the line holds the envelope's digest: {}", line.detail);
        assert!(!rows::holds(database, SECRET.as_bytes()).await);
        assert!(!rows::holds(database, CLIENT.as_bytes()).await);
        assert!(!rows::holds(database, b"pat@lakeshore").await);
    }

    async fn fifty_presses_at_once_make_one_attempt(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let (id, seen) = ready(&app, &scope, "Main").await;
        let presses: Vec<_> = (0..50).map(|number| {
            let (app, scope, id) = (app.clone(), scope.clone(), id.clone());
            let body = if number % 5 == 0 { "another body" } else { "the body" };
            tokio::spawn(async move {
                (body, press(&app, &scope, &id, seen, &key_with("onekeyonekeyonekey", body)).await)
            })
        }).collect();
        let mut answers = Vec::new();
        for press in presses {
            answers.push(press.await.expect("no panic"));
        }
        let (winner, attempt) = answers.iter().find_map(|(body, answer)| answer.as_ref().ok().map(|a| (*body, a.clone()))).expect("one won");
        for (body, answer) in &answers {
            match answer {
                Ok(same) => assert_eq!((body, same), (&winner, &attempt)),
                Err(Refused::Fields(errors)) => {
                    assert_ne!(*body, winner);
                    assert!(errors[0].field.is_empty() && errors[0].sentence.contains("other content"), "{errors:?}");
                }
                Err(other) => panic!("{body}: {other:?}"),
            }
        }
        assert!(is_whole(database, &app, &scope, &id).await);
        assert_eq!(press(&app, &scope, &id, seen, &key_with("onekeyonekeyonekey", winner)).await, Ok(attempt));
    }

    async fn two_tabs_with_forms_of_their_own_make_one_attempt(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let (id, seen) = ready(&app, &scope, "Main").await;
        let presses: Vec<_> = (0..20).map(|_| {
            let (app, scope, id) = (app.clone(), scope.clone(), id.clone());
            tokio::spawn(async move { press(&app, &scope, &id, seen, &fresh_key()).await })
        }).collect();
        let mut won = 0;
        for press in presses {
            match press.await.expect("no panic") {
                Ok(_) => won += 1,
                Err(Refused::Conflict(why)) => assert!(why.len() > 30),
                Err(Refused::Fields(errors)) => assert!(!errors.is_empty()),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
        assert!(is_whole(database, &app, &scope, &id).await);
    }

    async fn an_older_page_submits_nothing(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let (id, seen) = ready(&app, &scope, "Main").await;
        fill_in(&app, &scope, &id, 1).await;
        let refused = press(&app, &scope, &id, seen, &fresh_key()).await.expect_err("stale");
        assert!(matches!(refused, Refused::Conflict(why) if why.contains("changed elsewhere")));
        assert!(!is_whole(database, &app, &scope, &id).await);
    }

    async fn steps_cannot_be_skipped(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope, "Main").await;
        let refused = press(&app, &scope, &id, 1, &fresh_key()).await.expect_err("nothing was filled in");
        assert!(matches!(&refused, Refused::Fields(errors) if errors.len() == 5), "{refused:?}");

        let seen = fill_in(&app, &scope, &id, 1).await;
        let elsewhere = submit(&app, &scope, OTHER_SESSION, &id, seen, &fresh_key()).await.expect_err("another session");
        assert!(matches!(&elsewhere, Refused::Fields(errors) if errors[0].field == "client_secret" && errors.len() == 1));
        app.clock.advance(Duration::from_secs(3600));
        let late = press(&app, &scope, &id, seen, &fresh_key()).await.expect_err("too late");
        assert!(matches!(&late, Refused::Fields(errors) if errors[0].sentence.contains("60 minutes")), "{late:?}");
        assert_eq!(rows::count(database, "attempts").await, 0);
    }

    async fn what_was_submitted_takes_no_answers_and_no_second_submission(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let (id, seen) = ready(&app, &scope, "Main").await;
        press(&app, &scope, &id, seen, &fresh_key()).await.expect("submitted");
        let saved = save(&app, &scope, &id, typed(good_answers(DOMAIN), SECRET), Goal::Later).await;
        assert!(matches!(saved, Err(Refused::Conflict(why)) if why.contains("submitted already")));
        assert!(matches!(press(&app, &scope, &id, seen, &fresh_key()).await, Err(Refused::Conflict(_))));
        assert!(matches!(start_attempt(&app, &scope, SESSION, &id).await, Err(Refused::Conflict(_))));
        assert!(is_whole(database, &app, &scope, &id).await);
    }

    async fn nobody_submits_for_another_brokerage(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let stranger = office(&app, "pine.example").await;
        let (id, seen) = ready(&app, &scope, "Main").await;
        let key = fresh_key();
        assert_eq!(press(&app, &stranger, &id, seen, &key).await, Err(Refused::NotFound));
        let made = press(&app, &scope, &id, seen, &key).await.expect("submitted");
        assert_eq!(press(&app, &stranger, &id, seen, &key).await, Err(Refused::NotFound), "the answer is its owner's alone");
        let mut read = app.store.read().await.expect("a transaction");
        assert!(read.attempt(&stranger.brokerage, &made).await.expect("a read").is_none());
    }

    async fn a_new_attempt_has_new_what_the_cause_asks_for(database) {
        let app = portal(database).await;
        let scope = office_of(&app, DOMAIN, true, &["Ida"]).await;
        let one = |renewal| causes::all().find(|cause| Renewal::after(cause) == renewal).expect("such a cause").id;
        for (name, renewal, kept) in [
            ("A", Renewal::Names, ["MoxiEngage2", "", "Engage access2", ""]),
            ("B", Renewal::Secret, ["MoxiEngage", CLIENT, "Engage access2", ""]),
            ("C", Renewal::Nothing, ["MoxiEngage", CLIENT, "Engage access", "2028"]),
        ] {
            let cause = one(renewal);
            let (id, seen) = ready(&app, &scope, name).await;
            press(&app, &scope, &id, seen, &fresh_key()).await.expect("submitted");
            fail(&app, &scope, &id, cause).await;
            let early = save(&app, &scope, &id, typed(good_answers(DOMAIN), SECRET), Goal::Later).await;
            assert!(matches!(early, Err(Refused::Conflict(why)) if why.contains("Start a new attempt")));
            assert_eq!(start_attempt(&app, &scope, SESSION, &id).await, Ok(2));
            let mut read = app.store.read().await.expect("a transaction");
            let bench = Bench::read(&app, &mut read, &scope, SESSION, &id).await.expect("a bench");
            drop(read);
            let filled = ["app_name", "client_id", "secret_name", "ends_year"].map(|field| bench.answers.text(field));
            assert_eq!(filled, kept, "{cause}");
            assert_eq!(bench.answers.text("test_mailbox"), "pat@lakeshore.example");
            let asked = bench.missing().iter().any(|error| error.field == "client_secret");
            assert_eq!(asked, renewal > Renewal::Nothing, "{cause}: a secret that is not the fault stays");
            let same = save(&app, &scope, &id, typed(good_answers(DOMAIN), SECRET), Goal::Review).await.expect("saved");
            let refused = same.errors.iter().any(|e| e.field == "secret_name" && e.sentence.contains("attempt 1"));
            assert_eq!(refused, renewal > Renewal::Nothing, "{:?}", same.errors);
        }
    }

    async fn attempts_are_numbered_without_a_gap_however_many_press(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope, "Main").await;
        for number in 1..=3 {
            if number > 1 {
                let starts: Vec<_> = (0..20).map(|_| {
                    let (app, scope, id) = (app.clone(), scope.clone(), id.clone());
                    tokio::spawn(async move { start_attempt(&app, &scope, SESSION, &id).await })
                }).collect();
                for start in starts {
                    assert_eq!(start.await.expect("no panic"), Ok(number));
                }
                assert_eq!(rows::count(database, "drafts").await, 1);
            }
            let seen = fill_in(&app, &scope, &id, number).await;
            let presses: Vec<_> = (0..20).map(|_| {
                let (app, scope, id) = (app.clone(), scope.clone(), id.clone());
                tokio::spawn(async move { press(&app, &scope, &id, seen, &fresh_key()).await.is_ok() })
            }).collect();
            let mut won = 0;
            for press in presses {
                won += i64::from(press.await.expect("no panic"));
            }
            assert_eq!(won, 1);
            fail(&app, &scope, &id, "exo_rbac_required").await;
        }
        let (_, attempts) = standing(&app, &scope, &id).await;
        assert_eq!(attempts.iter().map(|stored| stored.attempt.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(rows::count(database, "secrets").await, 3);
    }

    async fn a_submission_that_is_cut_off_is_absent_or_whole(database) {
        let app = portal(database).await;
        let scope = office_of(&app, DOMAIN, true, &["Ida", "Kim"]).await;
        let (mut absent, mut whole) = (0, 0);
        for looks in 0..200 {
            // A brokerage submits twenty times an hour.
            app.clock.advance(Duration::from_secs(3600));
            let (id, seen) = ready(&app, &scope, &format!("Office {looks}")).await;
            let key = fresh_key();
            let work = Box::pin(press(&app, &scope, &id, seen, &key));
            let ended = CutAfter { work, looks }.await;
            if is_whole(database, &app, &scope, &id).await { whole += 1 } else { absent += 1 }
            let again = press(&app, &scope, &id, seen, &key).await.expect("the same form again");
            assert!(is_whole(database, &app, &scope, &id).await);
            if let Some(first) = ended {
                assert_eq!(first, Ok(again));
                break;
            }
        }
        // How often one looks until the commit depends on the machine.
        assert!(absent > 0 && whole > 0, "the cuts fell before and behind the commit: {absent} and {whole}");
    }
}

/// On PostgreSQL a connection can go while the answer to COMMIT is on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_up_leaves_one_submission_for_one_form() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let app = portal(&database).await;
    let scope = office_of(&app, DOMAIN, true, &["Ida"]).await;
    let mut refused = 0;
    for round in 0..12 {
        let (id, seen) = ready(&app, &scope, &format!("Office {round}")).await;
        let key = fresh_key();
        let hang_up = async {
            for _ in 0..4 {
                rows::execute(
                    &database,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'moxi-onboard' AND datname = current_database()",
                )
                .await
                .expect("the administrator hangs up");
            }
        };
        let (answer, ()) = tokio::join!(press(&app, &scope, &id, seen, &key), hang_up);
        refused += i64::from(answer.is_err());
        if let Err(refused) = &answer {
            assert!(matches!(refused, Refused::Unavailable | Refused::Unsure), "{refused:?}");
        }
        let again = loop {
            // Connections of the pool that were hung up are found out one by one.
            if let Ok(again) = press(&app, &scope, &id, seen, &key).await {
                break again;
            }
        };
        assert!(answer.is_err() || answer == Ok(again));
        assert!(is_whole(&database, &app, &scope, &id).await);
    }
    assert!(refused > 0, "no connection was lost in time, so this showed nothing");
}
