//! Looking at a customer's secret: the ways that lead to it, and every way around them that we could think of.

use std::{sync::Arc, time::Duration};

use jiff::civil::date;
use moxi_onboard::{
    actions::{
        answer_access::{approve_access, decline_access, stop_access},
        ask_access::{TypedAccess, ask_access},
        close_connection::{TypedClosing, close_connection},
        create_connection::{TypedConnection, create_connection},
        look::{Pressed, answer_of, press},
        roll_back::roll_back,
        save_answers::Goal,
        second_access::{decline_second, end_access, review_access, second_access},
        submit::submit,
        withdraw::withdraw,
    },
    app::App,
    domain::{
        access::{AccessEnd, Withheld},
        address::MailAddress,
        connection::{CloseReason, State},
        ids::{AccessId, ConnectionId, StaffId},
        instant::Instant,
        mail::MailKind,
        refused::Refused,
        review::NeedRule,
        scope::Scope,
        staff::{StaffRole, StaffScope},
    },
    store::{NewStaff, Quiet},
    vault::audit_key::AuditKey,
};
use secrecy::ExposeSecret;

use crate::{
    databases::{Database, on_both},
    flow_pages::Browser,
    office::{SECRET, SESSION, fresh_key, good_answers, office_of, portal_with, save, typed},
    rotation::verified,
    rows,
    running::{Worker, until, worker},
};

const DOMAIN: &str = "lakeshore.example";

/// An office that has handed a secret in, and our own people around it.
pub struct Stage {
    pub app: App,
    pub iris: Scope,
    pub connection: ConnectionId,
    pub kim: StaffScope,
    pub ravi: StaffScope,
    pub noor: StaffScope,
    pub olga: StaffScope,
}

impl Stage {
    async fn set(database: &Database) -> Self {
        Self::with(database, "").await
    }

    /// The same with these settings on top.
    pub async fn with(database: &Database, settings: &str) -> Self {
        let mut app = portal_with(database, settings, true).await;
        let key = AuditKey::generate(date(2026, 11, 21), &app.randomness);
        Arc::get_mut(&mut app.vault).expect("nobody else has it").audit = Some(key);
        let iris = office_of(&app, DOMAIN, true, &["Iris", "Sam"]).await;
        let connection = handed_in(&app, &iris, "Office mail").await;
        let kim = colleague(&app, "Kim Oduya", StaffRole::Support).await;
        let ravi = colleague(&app, "Ravi Anand", StaffRole::Operations).await;
        let noor = colleague(&app, "Noor Haddad", StaffRole::Operations).await;
        let olga = colleague(&app, "Olga Weiss", StaffRole::Owner).await;
        Self { app, iris, connection, kim, ravi, noor, olga }
    }

    pub fn now(&self) -> Instant {
        self.app.clock.now()
    }

    pub fn passes(&self, minutes: u64) {
        self.app.clock.advance(Duration::from_secs(minutes * 60));
    }

    pub fn worker(&self) -> Worker {
        worker(self.app.clone())
    }

    pub async fn asks(&self, who: &StaffScope, way: &str, minutes: i64) -> Result<AccessId, Refused> {
        ask_access(&self.app, who, &self.connection, &asked(way, minutes), &fresh_key()).await
    }

    /// Asked for by Kim and approved by Iris, a quarter of an hour long.
    pub async fn granted(&self) -> AccessId {
        let id = self.asks(&self.kim, "grant", 15).await.expect("asked");
        approve_access(&self.app, &self.iris, self.now(), &id).await.expect("approved");
        id
    }

    pub async fn presses(&self, who: &StaffScope, id: &AccessId) -> Result<Pressed, Refused> {
        press(&self.app, who, Some(self.now()), id, &fresh_key()).await
    }

    /// What comes of a press: the secret, or why not.
    async fn sees(&self, who: &StaffScope, id: &AccessId) -> Result<String, Withheld> {
        let pressed = self.presses(who, id).await.expect("may press");
        self.answer(pressed).await
    }

    pub async fn answer(&self, pressed: Pressed) -> Result<String, Withheld> {
        let answer = answer_of(&self.app, pressed).await.expect("the database is there");
        answer.map(|secret| secret.expose_secret().to_owned())
    }

    /// The rule by which the press is refused.
    async fn may_not_press(&self, who: &StaffScope, id: &AccessId) -> String {
        match self.presses(who, id).await {
            Ok(_) => panic!("the press was taken"),
            Err(refused) => refused.to_string(),
        }
    }
}

fn asked(way: &str, minutes: i64) -> TypedAccess {
    TypedAccess {
        attempt: "1".to_owned(),
        way: way.to_owned(),
        reason: "They asked us to compare what they typed.".to_owned(),
        ticket: "T-1042".to_owned(),
        minutes: minutes.to_string(),
    }
}

async fn handed_in(app: &App, scope: &Scope, name: &str) -> ConnectionId {
    let new = TypedConnection {
        name: name.to_owned(),
        external_id: String::new(),
        kind: "graph_secret".to_owned(),
    };
    let id = create_connection(app, scope, &new, &fresh_key()).await.expect("a connection");
    let saved = save(app, scope, &id, typed(good_answers(DOMAIN), SECRET), Goal::Review).await;
    assert_eq!(saved.expect("saved").errors, []);
    let mut read = app.store.read().await.expect("a transaction");
    let draft = read.draft(&scope.brokerage, &id).await.expect("rows").expect("a draft");
    drop(read);
    submit(app, scope, SESSION, &id, draft.version, &fresh_key()).await.expect("submitted");
    id
}

/// One of our people as the company's sign-in leaves them in the tables.
pub async fn colleague(app: &App, name: &str, role: StaffRole) -> StaffScope {
    let first = name.split(' ').next().expect("a name").to_lowercase();
    let address = MailAddress::parse(&format!("{first}@moxiworks.example")).expect("an address");
    known(app, name, &address, role).await
}

async fn known(app: &App, name: &str, address: &MailAddress, role: StaffRole) -> StaffScope {
    let issuer = "https://id.moxi.example";
    let sealed = app.to_box("staff.address", &format!("{issuer} {name}"), address).expect("a box");
    let new = NewStaff {
        id: app.new_id(StaffId::from_random),
        issuer,
        subject: name,
        name,
        address_box: Some(sealed),
        roles: &[role],
    };
    let mut write = app.store.write().await.expect("a transaction");
    let staff = write.keep_staff(&new).await.expect("a row");
    write.commit_quietly(Quiet::Session).await.expect("a commit");
    StaffScope { staff, name: name.to_owned(), roles: vec![role] }
}

/// How a request ended, if it did.
async fn end_of(app: &App, id: &AccessId) -> Option<AccessEnd> {
    let mut read = app.store.read().await.expect("a transaction");
    let stored = read.access_of_job(id).await.expect("rows").expect("a request");
    stored.access.end.map(|(end, _)| end)
}

async fn mails(database: &Database, kind: &str) -> i64 {
    database.count(&format!("mails WHERE kind = '{kind}'")).await
}

async fn verbs(database: &Database) -> Vec<String> {
    let query = "SELECT verb FROM audit WHERE verb LIKE 'access.%' ORDER BY at, verb";
    rows::texts(database, query).await
}

on_both! {
    async fn a_request_ends_when_what_it_is_for_is_withdrawn(database) {
        let stage = Stage::set(database).await;
        let (app, iris) = (&stage.app, &stage.iris);
        let waits = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        let ours = stage.asks(&stage.ravi, "operations", 15).await.expect("asked");
        let before = mails(database, "access_stopped").await;
        let seen = app.store.read().await.expect("a read").connection(&iris.brokerage, &stage.connection).await.expect("rows").expect("one").candidate;
        withdraw(app, iris, &stage.connection, seen.as_ref()).await.expect("withdrawn");
        for id in [&waits, &ours] {
            assert_eq!(end_of(app, id).await, Some(AccessEnd::Gone));
        }
        // Kim, and the two of the office who were asked; Ravi alone, for the office never heard of that.
        assert_eq!(mails(database, "access_stopped").await - before, 4);
        let late = approve_access(app, iris, stage.now(), &waits).await;
        assert!(matches!(late, Err(Refused::Conflict(why)) if why.contains("ended with the secret")), "{late:?}");
        assert!(stage.may_not_press(&stage.kim, &waits).await.contains("ended with the secret"));
        assert_eq!(database.count("audit WHERE verb = 'access.end'").await, 2);
        let mut person = Browser::of(app, iris).await;
        for page in ["/access".to_owned(), format!("/access/{waits}")] {
            let page = person.look(&page).await.body;
            assert!(page.contains("Ended with the secret") && !page.contains("Iris stopped"), "{page}");
        }
    }

    async fn whoever_could_look_cannot_once_the_connection_is_closed(database) {
        let stage = Stage::set(database).await;
        let (app, iris) = (&stage.app, &stage.iris);
        let open = stage.granted().await;
        let other = handed_in(app, iris, "Branch").await;
        let elsewhere = ask_access(app, &stage.kim, &other, &asked("grant", 15), &fresh_key()).await.expect("asked");
        let before = mails(database, "access_stopped").await;
        let version = app.store.read().await.expect("a read").connection(&iris.brokerage, &stage.connection).await.expect("rows").expect("one").version;
        let typed = TypedClosing { reason: CloseReason::ALL[0].as_str().to_owned(), words: String::new() };
        close_connection(app, iris, &stage.connection, version, &typed).await.expect("closed");
        assert_eq!((end_of(app, &open).await, end_of(app, &elsewhere).await), (Some(AccessEnd::Gone), None));
        assert_eq!(mails(database, "access_stopped").await - before, 3, "Kim, Iris and Sam");
        assert!(stage.may_not_press(&stage.kim, &open).await.contains("ended with the secret"));
    }

    async fn a_renewed_secret_takes_the_requests_for_the_one_before_along(database) {
        let mut it = verified(database).await;
        let (app, scope, id) = (it.portal.app.clone(), it.of.scope.clone(), it.of.connection.clone());
        let kim = colleague(&app, "Kim Oduya", StaffRole::Support).await;
        let first = ask_access(&app, &kim, &id, &asked("grant", 15), &fresh_key()).await.expect("asked");
        approve_access(&app, &scope, app.clock.now(), &first).await.expect("approved");
        let second = it.renew(&it.sample.client_secret).await;
        it.until(&second, State::Verified).await;
        assert_eq!(end_of(&app, &first).await, Some(AccessEnd::Gone));
        let told = it.until_mailed(MailKind::AccessStopped, 2).await;
        assert!(told.iter().all(|mail| mail.contains("Access ended")), "{told:?}");
        let of_second = TypedAccess { attempt: "2".to_owned(), ..asked("grant", 15) };
        let second = ask_access(&app, &kim, &id, &of_second, &fresh_key()).await.expect("asked");
        roll_back(&app, &scope, &id, it.connection().await.version).await.expect("back");
        assert_eq!(end_of(&app, &second).await, Some(AccessEnd::Gone));
        it.stops().await;
    }

    async fn with_the_brokerages_yes_the_one_who_asked_sees_it_and_everybody_is_told(database) {
        let stage = Stage::set(database).await;
        let _worker = stage.worker();
        let id = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        assert_eq!(mails(database, "access_asked").await, 2, "Iris and Sam");
        assert_eq!(stage.may_not_press(&stage.kim, &id).await, "Nobody has answered this request yet.");
        approve_access(&stage.app, &stage.iris, stage.now(), &id).await.expect("approved");
        assert_eq!(mails(database, "access_answered").await, 1);

        assert_eq!(stage.sees(&stage.kim, &id).await.as_deref(), Ok(SECRET));
        assert_eq!(mails(database, "access_looked").await, 2);
        assert_eq!(stage.sees(&stage.kim, &id).await.as_deref(), Ok(SECRET), "one look for each press");
        assert_eq!(mails(database, "access_looked").await, 4, "and a mail for each look");
        assert_eq!(database.count("access_reveals").await, 0, "read, so gone");
        assert_eq!(database.count("access_looks WHERE released_at IS NOT NULL").await, 2);
        let mut seen = verbs(database).await;
        seen.sort();
        assert_eq!(seen, ["access.approve", "access.ask", "access.look", "access.look", "access.show", "access.show"]);
        assert!(!rows::holds(database, SECRET.as_bytes()).await);
        // The press stands sealed before its answer.
        let behind = "audit_chain AS look JOIN audit ON audit.id = look.audit_id AND audit.verb = 'access.look'";
        assert_eq!(rows::count(database, behind).await, 2);
    }

    async fn two_operations_people_need_no_yes_and_the_brokerage_is_told(database) {
        let stage = Stage::set(database).await;
        let _worker = stage.worker();
        let id = stage.asks(&stage.ravi, "operations", 60).await.expect("asked");
        assert_eq!(mails(database, "access_opened").await, 0);
        assert_eq!(mails(database, "second_wanted").await, 1, "to the other operations person, and to nobody else");
        let own = second_access(&stage.app, &stage.ravi, Some(stage.now()), &id).await;
        assert_eq!(own, Err(Refused::Forbidden("Nobody answers a request of their own.")));
        let support = second_access(&stage.app, &stage.kim, Some(stage.now()), &id).await;
        assert!(matches!(support, Err(Refused::Forbidden(_))), "{support:?}");
        let owner = second_access(&stage.app, &stage.olga, Some(stage.now()), &id).await;
        assert!(matches!(owner, Err(Refused::Forbidden(_))), "{owner:?}");
        let brokerage = approve_access(&stage.app, &stage.iris, stage.now(), &id).await;
        assert!(matches!(brokerage, Err(Refused::Forbidden(_))), "it is not theirs to answer: {brokerage:?}");
        let stale = stage.now().plus(-jiff::SignedDuration::from_mins(6));
        let old = second_access(&stage.app, &stage.noor, Some(stale), &id).await;
        assert!(matches!(old, Err(Refused::Forbidden(_))), "{old:?}");
        second_access(&stage.app, &stage.noor, Some(stage.now()), &id).await.expect("seconded");
        assert_eq!(mails(database, "access_opened").await, 2, "in the same transaction");
        assert_eq!(stage.may_not_press(&stage.noor, &id).await, "Only whoever asked may look.");
        assert_eq!(stage.sees(&stage.ravi, &id).await.as_deref(), Ok(SECRET));
        assert_eq!(mails(database, "access_looked").await, 2);
        stop_access(&stage.app, &stage.iris, &id).await.expect("the brokerage stops it all the same");
        assert_eq!(stage.may_not_press(&stage.ravi, &id).await, "This access was stopped.");
    }

    async fn an_emergency_is_short_told_and_looked_over_by_a_third(database) {
        let stage = Stage::set(database).await;
        let _worker = stage.worker();
        let refused = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        decline_access(&stage.app, &stage.iris, &refused).await.expect("declined");
        let again = stage.asks(&stage.kim, "grant", 15).await;
        let said = "The brokerage declined this on 21 November 2026";
        assert!(matches!(&again, Err(Refused::Fields(why)) if why[0].field == "way" && why[0].sentence.starts_with(said)), "{again:?}");
        let no = stage.asks(&stage.ravi, "operations", 15).await;
        assert!(matches!(no, Err(Refused::Conflict(why)) if why.contains("said no")), "{no:?}");
        let long = stage.asks(&stage.ravi, "break_glass", 60).await;
        assert!(matches!(long, Err(Refused::Fields(_))), "at most half an hour: {long:?}");

        let id = stage.asks(&stage.ravi, "break_glass", 30).await.expect("asked");
        second_access(&stage.app, &stage.noor, Some(stage.now()), &id).await.expect("seconded");
        assert_eq!(mails(database, "access_opened").await, 2);
        assert_eq!(stage.sees(&stage.ravi, &id).await.as_deref(), Ok(SECRET));
        let needs = async || rows::texts(database, "SELECT rule FROM needs").await;
        assert!(needs().await.contains(&NeedRule::BreakGlass.as_str().to_owned()), "{:?}", needs().await);

        for own in [&stage.ravi, &stage.noor] {
            let review = review_access(&stage.app, own, &id, "It was needed.").await;
            assert!(matches!(review, Err(Refused::Forbidden(_))), "{review:?}");
        }
        let early = review_access(&stage.app, &stage.olga, &id, "It was needed.").await;
        assert!(matches!(early, Err(Refused::Conflict(why)) if why.contains("still open")), "a later look would be looked over by nobody: {early:?}");
        stage.passes(25 * 60);
        for frozen in [&stage.ravi, &stage.noor] {
            let again = stage.asks(frozen, "operations", 15).await;
            assert!(matches!(again, Err(Refused::Forbidden(why)) if why.contains("looked over")), "{again:?}");
        }
        review_access(&stage.app, &stage.olga, &id, "Their server was being robbed.").await.expect("looked over");
        assert!(!needs().await.contains(&NeedRule::BreakGlass.as_str().to_owned()));
        let twice = review_access(&stage.app, &stage.olga, &id, "Once more.").await;
        assert!(matches!(twice, Err(Refused::Conflict(_))), "{twice:?}");
        stage.asks(&stage.ravi, "operations", 15).await.expect("free again");
        stage.asks(&stage.kim, "grant", 15).await.expect("a day later it may be asked again");
    }

    async fn nobody_looks_without_an_answer_that_counts(database) {
        let stage = Stage::set(database).await;
        let unanswered = stage.asks(&stage.kim, "grant", 240).await.expect("asked");
        stage.passes(12 * 60);
        let why = "Nobody answered this request within 12 hours, so it counts for nothing.";
        assert_eq!(stage.may_not_press(&stage.kim, &unanswered).await, why);
        let late = approve_access(&stage.app, &stage.iris, stage.now(), &unanswered).await;
        assert_eq!(late, Err(Refused::Conflict(why)));

        let declined = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        decline_access(&stage.app, &stage.iris, &declined).await.expect("declined");
        assert_eq!(stage.may_not_press(&stage.kim, &declined).await, "This request was declined.");
        let after = approve_access(&stage.app, &stage.iris, stage.now(), &declined).await;
        assert!(matches!(after, Err(Refused::Conflict(_))), "{after:?}");

        // The no stands for a day.
        stage.passes(24 * 60);
        let over = stage.granted().await;
        stage.passes(15);
        assert!(stage.may_not_press(&stage.kim, &over).await.contains("time of this access is over"));

        let stopped = stage.granted().await;
        stop_access(&stage.app, &stage.iris, &stopped).await.expect("stopped");
        assert_eq!(stage.may_not_press(&stage.kim, &stopped).await, "This access was stopped.");
        assert_eq!(mails(database, "access_stopped").await, 3, "Iris, Sam and Kim");

        let back = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        end_access(&stage.app, &stage.kim, &back).await.expect("taken back");
        assert_eq!(stage.may_not_press(&stage.kim, &back).await, "This request was taken back.");
        // What was open is stopped, by whomever: the record says that it could have been looked at.
        let ended = stage.granted().await;
        end_access(&stage.app, &stage.kim, &ended).await.expect("ended");
        assert_eq!(stage.may_not_press(&stage.kim, &ended).await, "This access was stopped.");
        assert_eq!(database.count("access_looks").await, 0);
    }

    async fn nobody_says_yes_for_others_or_to_themselves(database) {
        let stage = Stage::set(database).await;
        let id = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        let harbor = office_of(&stage.app, "harborpine.example", true, &["Hal"]).await;
        for done in [
            approve_access(&stage.app, &harbor, stage.now(), &id).await,
            decline_access(&stage.app, &harbor, &id).await,
            stop_access(&stage.app, &harbor, &id).await,
        ] {
            assert_eq!(done, Err(Refused::NotFound), "another brokerage");
        }
        let stale = stage.now().plus(-jiff::SignedDuration::from_mins(6));
        let old = approve_access(&stage.app, &stage.iris, stale, &id).await;
        assert!(matches!(old, Err(Refused::Forbidden(why)) if why.contains("Show first")), "{old:?}");
        for second in [&stage.ravi, &stage.noor, &stage.kim] {
            let done = second_access(&stage.app, second, Some(stage.now()), &id).await;
            assert!(matches!(done, Err(Refused::Forbidden(_))), "it is the brokerage's to answer: {done:?}");
            let done = decline_second(&stage.app, second, &id).await;
            assert!(matches!(done, Err(Refused::Forbidden(_))), "{done:?}");
        }
        // A vendor's people do not speak for the office.
        database.execute(&format!("UPDATE people SET duty = 'vendor' WHERE id = '{}'", stage.iris.person)).await;
        let vendor = approve_access(&stage.app, &stage.iris, stage.now(), &id).await;
        assert!(matches!(vendor, Err(Refused::Forbidden(_))), "{vendor:?}");
        database.execute(&format!("UPDATE people SET duty = 'coordinator' WHERE id = '{}'", stage.iris.person)).await;

        // One of ours who also is an admin of the office, by the same address.
        let address = MailAddress::parse("iris@lakeshore.example").expect("an address");
        let iris_of_ours = known(&stage.app, "Iris of ours", &address, StaffRole::Support).await;
        let own = stage.asks(&iris_of_ours, "grant", 15).await.expect("asked");
        let done = approve_access(&stage.app, &stage.iris, stage.now(), &own).await;
        assert_eq!(done, Err(Refused::Forbidden("Nobody answers a request of their own.")));
        assert_eq!(database.count("access_grants").await, 0);
    }

    async fn only_whoever_asked_looks_and_only_with_a_fresh_sign_in_and_a_role(database) {
        let stage = Stage::set(database).await;
        let _worker = stage.worker();
        let id = stage.granted().await;
        let lea = colleague(&stage.app, "Lea Brandt", StaffRole::Support).await;
        for other in [&lea, &stage.ravi, &stage.olga] {
            assert_eq!(stage.may_not_press(other, &id).await, "Only whoever asked may look.");
        }
        for proven in [None, Some(stage.now().plus(-jiff::SignedDuration::from_secs(301)))] {
            let stale = press(&stage.app, &stage.kim, proven, &id, &fresh_key()).await;
            assert!(stale.is_err_and(|why| why.to_string().contains("five minutes")), "{proven:?}");
        }
        let without = StaffScope { roles: vec![StaffRole::Reviewer, StaffRole::Owner], ..stage.kim.clone() };
        assert_eq!(stage.may_not_press(&without, &id).await, "None of your roles may do this.");
        // The role is lost between the press and the worker's look: the worker reads it anew.
        let pressed = stage.presses(&stage.kim, &id);
        database.execute(&format!("DELETE FROM staff_roles WHERE staff_id = '{}'", stage.kim.staff)).await;
        let pressed = pressed.await.expect("the session had it still");
        assert_eq!(stage.answer(pressed).await, Err(Withheld::NotAllowed));
        assert_eq!(mails(database, "access_looked").await, 0);
    }

    async fn a_press_has_one_answer_for_one_reader(database) {
        let stage = Stage::set(database).await;
        let id = stage.granted().await;
        let key = fresh_key();
        let first = press(&stage.app, &stage.kim, Some(stage.now()), &id, &key).await.expect("may press");
        let again = press(&stage.app, &stage.kim, Some(stage.now()), &id, &key).await;
        assert!(again.is_err_and(|why| why.to_string().contains("had its answer")), "the form sent again");
        let look = first.id().clone();
        let _worker = stage.worker();
        until(&stage.app, "the answer is there", &mut async || {
            (database.count("access_reveals WHERE value_sealed IS NOT NULL").await == 1).then_some(())
        })
        .await;
        assert!(!rows::holds(database, SECRET.as_bytes()).await, "sealed on its way");
        // Somebody else takes the row first: it opens for nobody but the process that pressed, and for that one no more.
        let mut write = stage.app.store.write().await.expect("a transaction");
        assert!(write.take_reveal(&look).await.expect("a read").is_some());
        write.commit_quietly(Quiet::Tick).await.expect("a commit");
        assert_eq!(stage.answer(first).await, Err(Withheld::Late));
        // The row of a job that comes back is answered no second time.
        database.execute("UPDATE jobs SET done_at = NULL, run_at = 1 WHERE kind = 'reveal'").await;
        until(&stage.app, "the job is done", &mut async || {
            (database.count("jobs WHERE kind = 'reveal' AND done_at IS NULL").await == 0).then_some(())
        })
        .await;
        assert_eq!(database.count("access_reveals").await, 0);
        assert_eq!(mails(database, "access_looked").await, 2);
    }

    async fn what_nobody_reads_goes_after_a_minute(database) {
        let stage = Stage::set(database).await;
        let _worker = stage.worker();
        let id = stage.granted().await;
        let pressed = stage.presses(&stage.kim, &id).await.expect("may press");
        until(&stage.app, "the answer is there", &mut async || {
            (database.count("access_reveals WHERE value_sealed IS NOT NULL").await == 1).then_some(())
        })
        .await;
        stage.passes(1);
        until(&stage.app, "the answer is gone", &mut async || {
            (database.count("access_reveals").await == 0).then_some(())
        })
        .await;
        assert_eq!(stage.answer(pressed).await, Err(Withheld::Late));
    }

    async fn who_stops_first_wins(database) {
        let stage = Stage::set(database).await;
        let id = stage.granted().await;
        let pressed = stage.presses(&stage.kim, &id).await.expect("may press");
        stop_access(&stage.app, &stage.iris, &id).await.expect("stopped");
        let worker = stage.worker();
        let seen = stage.answer(pressed).await;
        assert_eq!(seen, Err(Withheld::Stopped));
        assert_eq!(mails(database, "access_looked").await, 0);
        worker.stop().await;
        // And many times at once, so that now the one comes first and now the other: whatever was shown was told.
        let _worker = stage.worker();
        for _ in 0..5 {
            let id = stage.granted().await;
            let pressed = stage.presses(&stage.kim, &id).await.expect("may press");
            let before = database.count("access_looks WHERE released_at IS NOT NULL").await;
            let (seen, stopped) =
                tokio::join!(stage.answer(pressed), stop_access(&stage.app, &stage.iris, &id));
            stopped.expect("stopped");
            let after = database.count("access_looks WHERE released_at IS NOT NULL").await;
            assert!(seen.is_err() || after == before + 1);
            assert_eq!(mails(database, "access_looked").await, after * 2);
            assert!(stage.presses(&stage.kim, &id).await.is_err());
        }
    }

    async fn without_a_sealed_line_nothing_is_shown(database) {
        let mut stage = Stage::set(database).await;
        let id = stage.granted().await;
        Arc::get_mut(&mut stage.app.vault).expect("nobody else has it").audit = None;
        let _worker = stage.worker();
        assert_eq!(stage.sees(&stage.kim, &id).await, Err(Withheld::NotRecorded));
        assert!(Withheld::NotRecorded.sentence().contains("cannot record"));
        assert_eq!(mails(database, "access_looked").await, 0);
        assert_eq!(database.count("access_looks WHERE withheld = 'not_recorded'").await, 1);
    }

    async fn the_database_refuses_a_look_without_an_approval(database) {
        let stage = Stage::set(database).await;
        let id = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        let ops = stage.asks(&stage.ravi, "operations", 15).await.expect("asked");
        let hal = office_of(&stage.app, "harborpine.example", true, &["Hal"]).await;
        let secret = rows::texts(database, "SELECT id FROM secrets").await.remove(0);
        let (kim, ravi, noor) = (&stage.kim.staff, &stage.ravi.staff, &stage.noor.staff);
        let (iris, brokerage) = (&stage.iris.person, &stage.iris.brokerage);
        let mac = match database.kind {
            crate::databases::Kind::Sqlite => "x'00'",
            crate::databases::Kind::Postgres => "'\\x00'::bytea",
        };
        let grant = |request: &AccessId, way: &str, asked: &StaffId, secret: &str, person: &str, second: &str| {
            format!(
                "INSERT INTO access_grants (request_id, way, asked_by, secret_id, brokerage_id, person_id, second_id, granted_at, ends_at, mac)
                 VALUES ('{request}', '{way}', '{asked}', '{secret}', '{brokerage}', {person}, {second}, 1, 2, {mac})"
            )
        };
        let look = |staff: &StaffId, secret: &str| {
            format!(
                "INSERT INTO access_looks (id, request_id, secret_id, staff_id, at, proven_at, mac)
                 VALUES ('look_x', '{id}', '{secret}', '{staff}', 1, 1, {mac})"
            )
        };
        let quoted = |id: &str| format!("'{id}'");
        for (why, text) in [
            ("a look without an approval", look(kim, &secret)),
            ("an answer without a look", format!("INSERT INTO access_reveals (look_id, public_key, expires_at) VALUES ('look_x', {mac}, 9)")),
            ("an approval by nobody", grant(&id, "grant", kim, &secret, "NULL", "NULL")),
            ("a second one instead of the brokerage", grant(&id, "grant", kim, &secret, "NULL", &quoted(noor.as_str()))),
            ("both", grant(&id, "grant", kim, &secret, &quoted(iris.as_str()), &quoted(noor.as_str()))),
            ("another brokerage's person", grant(&id, "grant", kim, &secret, &quoted(hal.person.as_str()), "NULL")),
            ("for another secret", grant(&id, "grant", kim, "sec_x", &quoted(iris.as_str()), "NULL")),
            ("for another asker", grant(&id, "grant", ravi, &secret, &quoted(iris.as_str()), "NULL")),
            ("another way than asked", grant(&id, "operations", kim, &secret, "NULL", &quoted(noor.as_str()))),
            ("their own second", grant(&ops, "operations", ravi, &secret, "NULL", &quoted(ravi.as_str()))),
            ("of a request that is none", grant(&AccessId::from_random([9; 16]), "grant", kim, &secret, &quoted(iris.as_str()), "NULL")),
            ("longer than any", format!("UPDATE access_requests SET minutes = 100000 WHERE id = '{id}'")),
            ("an emergency of four hours", format!("UPDATE access_requests SET way = 'break_glass', minutes = 240 WHERE id = '{ops}'")),
        ] {
            assert!(!database.allows(&text).await, "{why}: {text}");
        }
        // The statement itself is right: the one approval that may be is taken, and a look of others still is not.
        assert!(database.allows(&grant(&id, "grant", kim, &secret, &quoted(iris.as_str()), "NULL")).await);
        assert!(!database.allows(&look(ravi, &secret)).await, "of somebody who did not ask");
        assert!(!database.allows(&look(kim, "sec_x")).await, "at another secret");
    }

    async fn rows_that_were_written_past_us_open_nothing(database) {
        let stage = Stage::set(database).await;
        let worker = stage.worker();
        // Approved by hand, in the tables: the rows are in order, but for the digest that nobody can make there.
        let id = stage.asks(&stage.kim, "grant", 240).await.expect("asked");
        let (from, to) = (stage.now().as_micros(), stage.now().as_micros() + 3_600_000_000);
        let mac = match database.kind {
            crate::databases::Kind::Sqlite => "x'00'",
            crate::databases::Kind::Postgres => "'\\x00'::bytea",
        };
        database.execute(&format!(
            "INSERT INTO access_grants (request_id, way, asked_by, secret_id, brokerage_id, person_id, granted_at, ends_at, mac)
             SELECT id, way, asked_by, secret_id, brokerage_id, '{}', {from}, {to}, {mac} FROM access_requests WHERE id = '{id}'",
            stage.iris.person
        )).await;
        assert_eq!(stage.sees(&stage.kim, &id).await, Err(Withheld::NotAllowed));

        // A real approval made longer, and a real press turned to another key.
        let id = {
            end_access(&stage.app, &stage.kim, &id).await.expect("taken back");
            stage.granted().await
        };
        stage.passes(15);
        database.execute(&format!("UPDATE access_grants SET ends_at = {to} WHERE request_id = '{id}'")).await;
        assert_eq!(stage.sees(&stage.kim, &id).await, Err(Withheld::NotAllowed));
        let id = {
            end_access(&stage.app, &stage.kim, &id).await.expect("taken back");
            stage.granted().await
        };
        // Once a worker has looked, it seals to the key it looked at.
        worker.stop().await;
        let pressed = {
            // Between press and worker: the row's key becomes the thief's.
            let thief = moxi_onboard::vault::reveal::RevealKey::generate(&stage.app.randomness);
            let hex: String = thief.public().iter().map(|byte| format!("{byte:02x}")).collect();
            let bytes = match database.kind {
                crate::databases::Kind::Sqlite => format!("x'{hex}'"),
                crate::databases::Kind::Postgres => format!("'\\x{hex}'::bytea"),
            };
            let pressed = stage.presses(&stage.kim, &id).await.expect("may press");
            database.execute(&format!("UPDATE access_reveals SET public_key = {bytes} WHERE value_sealed IS NULL")).await;
            pressed
        };
        let _worker = stage.worker();
        assert_eq!(stage.answer(pressed).await, Err(Withheld::NotAllowed));
        assert_eq!(mails(database, "access_looked").await, 0);
    }

    async fn an_approval_opens_no_other_secret_than_its_own(database) {
        let stage = Stage::set(database).await;
        let other = handed_in(&stage.app, &stage.iris, "Branch mail").await;
        let _worker = stage.worker();
        let id = stage.granted().await;
        let mut tried = 0;
        for column in ["connection_id", "attempt_id", "secret_id"] {
            let of_other = match column {
                "connection_id" => other.to_string(),
                "attempt_id" => rows::texts(database, &format!("SELECT id FROM attempts WHERE connection_id = '{other}'")).await.remove(0),
                _ => rows::texts(database, &format!("SELECT secret_id FROM attempts WHERE connection_id = '{other}'")).await.remove(0),
            };
            let own = rows::texts(database, &format!("SELECT {column} FROM access_requests WHERE id = '{id}'")).await.remove(0);
            assert_ne!(own, of_other, "{column}");
            // Either the database refuses the row, or the worker knows that it was written past us.
            if database.allows(&format!("UPDATE access_requests SET {column} = '{of_other}' WHERE id = '{id}'")).await {
                let seen = match stage.presses(&stage.kim, &id).await {
                    Ok(pressed) => stage.answer(pressed).await,
                    Err(_) => Err(Withheld::NotAllowed),
                };
                assert!(matches!(seen, Err(Withheld::NotAllowed | Withheld::Gone)), "{column}: {seen:?}");
                assert!(database.allows(&format!("UPDATE access_requests SET {column} = '{own}' WHERE id = '{id}'")).await);
            }
            tried += 1;
        }
        assert_eq!(tried, 3);
        assert_eq!(mails(database, "access_looked").await, 0);
        assert_eq!(stage.sees(&stage.kim, &id).await.as_deref(), Ok(SECRET), "the approval itself is good");
    }

    async fn the_twenty_first_look_within_an_hour_is_refused_and_said(database) {
        let stage = Stage::set(database).await;
        let id = stage.granted().await;
        let mut waiting = Vec::new();
        for _ in 0..21 {
            waiting.push(stage.presses(&stage.kim, &id).await.expect("may press"));
        }
        let _worker = stage.worker();
        let answers = futures_util::future::join_all(waiting.into_iter().map(|one| stage.answer(one))).await;
        let shown = answers.iter().filter(|answer| answer.as_deref() == Ok(SECRET)).count();
        let refused = answers.iter().filter(|answer| **answer == Err(Withheld::TooMany)).count();
        assert_eq!((shown, refused), (20, 1), "{answers:?}");
        assert_eq!(mails(database, "access_looked").await, 40);
        assert_eq!(database.count("audit WHERE verb = 'access.withhold'").await, 1);
        assert_eq!(mails(database, "looks_refused").await, 3, "two operations people and the owner");
        assert!(Withheld::TooMany.sentence().contains("Twenty secrets"));
    }

    async fn asking_is_read_field_by_field_and_asked_once(database) {
        let stage = Stage::set(database).await;
        let fields = async |change: fn(&mut TypedAccess)| {
            let mut typed = asked("grant", 15);
            change(&mut typed);
            match ask_access(&stage.app, &stage.kim, &stage.connection, &typed, &fresh_key()).await {
                Err(Refused::Fields(errors)) => errors.into_iter().map(|error| error.field).collect(),
                other => panic!("{other:?}"),
            }
        };
        let one: Vec<&str> = fields(|typed| typed.reason = "too short".to_owned()).await;
        assert_eq!(one, ["reason_of_access"]);
        assert_eq!(fields(|typed| typed.ticket = " ".to_owned()).await, ["ticket"]);
        assert_eq!(fields(|typed| typed.minutes = "30".to_owned()).await, ["minutes"]);
        assert_eq!(fields(|typed| typed.way = "any".to_owned()).await, ["way"]);
        assert_eq!(fields(|typed| typed.attempt = "2".to_owned()).await, ["of_attempt"]);
        for who in [&stage.kim, &stage.olga] {
            let ops = stage.asks(who, "operations", 15).await;
            assert!(matches!(ops, Err(Refused::Forbidden(_))), "{ops:?}");
        }
        for who in [&stage.ravi, &stage.olga] {
            let grant = stage.asks(who, "grant", 15).await;
            assert!(matches!(grant, Err(Refused::Forbidden(_))), "{grant:?}");
        }
        let key = fresh_key();
        let first = ask_access(&stage.app, &stage.kim, &stage.connection, &asked("grant", 15), &key).await;
        let second = ask_access(&stage.app, &stage.kim, &stage.connection, &asked("grant", 15), &key).await;
        assert_eq!(first, second, "the same form");
        let again = stage.asks(&stage.kim, "grant", 60).await;
        assert!(matches!(again, Err(Refused::Conflict(why)) if why.contains("already")), "{again:?}");
        assert_eq!(mails(database, "access_asked").await, 2);
        let nowhere = ask_access(&stage.app, &stage.kim, &ConnectionId::from_random([9; 16]), &asked("grant", 15), &fresh_key()).await;
        assert_eq!(nowhere, Err(Refused::NotFound));
    }
}
