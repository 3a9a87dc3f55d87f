//! What our own people are written to: who, about what, once, and what they can choose.

use std::time::Duration;

use moxi_onboard::{
    actions::{
        answer_question::answer_question,
        ask_access::{TypedAccess, ask_access},
        ask_question::{TypedQuestion, ask_question},
        choose_mail::choose_mail,
        name_keeper::{TypedKeeper, name_keeper},
        second_access::second_access,
        take_item::take_item,
    },
    domain::{
        connection::State,
        ids::{ConnectionId, QuestionId},
        mail::MailKind,
        scope::Scope,
        staff::{StaffRole, StaffScope},
    },
    notify::{mailer::Mailer, memory::Sent, outgoing::SendError, parts::parts},
};

use crate::{
    access::colleague,
    databases::{Database, on_both},
    mailer::plain,
    office::{fresh_key, office_of},
    review::pages::both,
    running::{Portal, Submission, Worker, worker},
    verification::lab::Lab,
    world::{SmtpServer, free_port},
};

const ASKED: &str = "Where is the tenant id of Mister Grey?";

/// An office with a connection, about which it has asked something.
struct Office {
    scope: Scope,
    connection: ConnectionId,
    question: QuestionId,
}

async fn asks(portal: &Portal) -> Office {
    let scope = office_of(&portal.app, "lakeshore.example", true, &["Iris"]).await;
    let connection = portal.connection(&scope, "Main office").await;
    let typed = TypedQuestion { text: ASKED.to_owned(), about: format!("/connections/{connection}") };
    let question = ask_question(&portal.app, &scope, &typed, &fresh_key()).await.expect("asked");
    Office { scope, connection, question }
}

/// The mails of this kind that left, by where they went.
fn told(portal: &Portal, kind: MailKind) -> Vec<(String, Sent)> {
    let sent = portal.mails.sent().into_iter().filter(|mail| mail.kind == kind);
    let mut told: Vec<_> = sent.map(|mail| (mail.to.as_str().to_owned(), mail)).collect();
    told.sort_by(|(one, _), (other, _)| one.cmp(other));
    told
}

fn to(portal: &Portal, kind: MailKind) -> Vec<String> {
    told(portal, kind).into_iter().map(|(to, _)| to).collect()
}

/// Waits until the round that is due now is over, and every mail that it wrote has left.
async fn rounds_end(portal: &Portal, database: &Database) {
    let now = portal.app.clock.now().as_micros();
    let due = format!(
        "jobs WHERE done_at IS NULL AND parked_at IS NULL
            AND (lease_token IS NOT NULL OR (run_at <= {now} AND kind <> 'sweep'))"
    );
    let planned =
        format!("jobs WHERE kind IN ('tell_staff', 'daily_mail') AND done_at IS NULL AND run_at > {now}");
    portal
        .until("nothing is due", async || {
            (database.count(&due).await == 0 && database.count(&planned).await == 2).then_some(())
        })
        .await;
}

/// Moves the clock while nobody holds a lease, and waits for what follows: on SQLite the same clock ends leases.
async fn passes(portal: &Portal, database: &Database, worker: Worker, by: Duration) -> Worker {
    rounds_end(portal, database).await;
    worker.stop().await;
    portal.app.clock.advance(by);
    let worker = portal.worker();
    rounds_end(portal, database).await;
    worker
}

const MINUTE: Duration = Duration::from_secs(61);
const DAY: Duration = Duration::from_secs(24 * 3600);

on_both! {
    async fn what_comes_to_the_queue_is_told_once_to_those_who_may_act(database) {
        let portal = Portal::open(database).await;
        let app = &portal.app;
        colleague(app, "Old Hand", StaffRole::Reviewer).await;
        portal.app.clock.advance(31 * DAY);
        for (name, role) in [
            ("Dana Reyes", StaffRole::Reviewer),
            ("Olga Weiss", StaffRole::Owner),
            ("Ines Falk", StaffRole::Auditor),
            ("Kim Oduya", StaffRole::Support),
            ("Gone Away", StaffRole::Reviewer),
        ] {
            colleague(app, name, role).await;
        }
        database.execute("DELETE FROM staff_roles WHERE staff_id IN (SELECT id FROM staff WHERE name = 'Gone Away')").await;
        database.execute("UPDATE staff SET mail_choice = 'nothing' WHERE name = 'Kim Oduya'").await;
        let office = asks(&portal).await;
        let worker = portal.worker();
        portal.until("it is told", async || (!told(&portal, MailKind::StaffNeed).is_empty()).then_some(())).await;
        rounds_end(&portal, database).await;
        assert_eq!(to(&portal, MailKind::StaffNeed), ["dana@moxiworks.example"]);
        let (_, mail) = told(&portal, MailKind::StaffNeed).remove(0);
        let read = parts(&mail.message).expect("a mail of ours");
        assert_eq!(read.subject, "Question from Lakeshore Realty, Main office");
        for words in ["The office asked something", "Lakeshore Realty, Main office", &format!("/connections/{}", office.connection)] {
            assert!(read.text.replace('\n', " ").contains(words), "{words}: {}", read.text);
        }
        let whole = format!("{}{}", read.text, read.html);
        for never in ["Grey", "Iris", "lakeshore.example", "Dana"] {
            assert!(!whole.contains(never), "{never}: {}", read.text);
        }

        // Whoever tells it loses the mark, as after a crash: the outbox knows that mail.
        database.execute("UPDATE needs SET told_at = NULL").await;
        let worker = passes(&portal, database, worker, MINUTE).await;
        assert_eq!(database.count("needs WHERE told_at IS NULL").await, 0, "the round has been there");
        assert_eq!(to(&portal, MailKind::StaffNeed).len(), 1, "once");

        // What is answered is over; what begins again is another thing.
        let dana = colleague(app, "Dana Reyes", StaffRole::Reviewer).await;
        answer_question(app, &dana, &office.scope.brokerage, &office.question, "In Entra.", &fresh_key()).await.expect("answered");
        let typed = TypedQuestion { text: "And the other one?".to_owned(), about: format!("/connections/{}", office.connection) };
        ask_question(app, &office.scope, &typed, &fresh_key()).await.expect("asked");
        let worker = passes(&portal, database, worker, MINUTE).await;
        assert_eq!(to(&portal, MailKind::StaffNeed).len(), 2, "another question");
        worker.stop().await;
    }

    async fn what_nobody_looked_at_is_overdue_and_stands_in_the_daily_mail(database) {
        let portal = Portal::open(database).await;
        let app = &portal.app;
        let dana = colleague(app, "Dana Reyes", StaffRole::Reviewer).await;
        let noor = colleague(app, "Noor Haddad", StaffRole::Reviewer).await;
        let olga = colleague(app, "Olga Weiss", StaffRole::Owner).await;
        choose_mail(app, &noor, "daily").await.expect("chosen");
        choose_mail(app, &olga, "nothing").await.expect("chosen");
        let worker = portal.worker();
        rounds_end(&portal, database).await;
        // It is Saturday. On Monday nothing waits, so nobody is written to.
        let worker = passes(&portal, database, worker, Duration::from_secs(2 * 24 * 3600 + 5 * 3600)).await;
        assert_eq!(portal.mails.sent().len(), 0);
        let office = asks(&portal).await;
        let worker = passes(&portal, database, worker, MINUTE).await;
        assert_eq!(to(&portal, MailKind::StaffNeed), ["dana@moxiworks.example"]);
        assert!(to(&portal, MailKind::StaffOverdue).is_empty() && to(&portal, MailKind::StaffDaily).is_empty());
        take_item(app, &dana, &office.connection, 1).await.expect("taken");
        // On Tuesday at the hour: it is not overdue yet, and stands in the daily mail.
        let worker = passes(&portal, database, worker, DAY - 4 * Duration::from_secs(1800)).await;
        assert_eq!(to(&portal, MailKind::StaffDaily), [] as [&str; 0], "before the hour");
        let worker = passes(&portal, database, worker, 3 * Duration::from_secs(1800)).await;
        assert_eq!(to(&portal, MailKind::StaffDaily), ["noor@moxiworks.example"]);
        let (_, mail) = told(&portal, MailKind::StaffDaily).remove(0);
        let read = parts(&mail.message).expect("a mail of ours");
        assert_eq!(read.subject, "1 thing waits for you");
        assert!(read.text.contains("The office asked something") && read.text.contains("Due "), "{}", read.text);
        assert!(!read.text.contains("Grey") && !read.text.contains("Iris"), "{}", read.text);
        let worker = passes(&portal, database, worker, 2 * Duration::from_secs(3600)).await;
        assert_eq!(to(&portal, MailKind::StaffOverdue), ["dana@moxiworks.example"], "whoever has it as well");
        let worker = passes(&portal, database, worker, DAY).await;
        assert_eq!(to(&portal, MailKind::StaffOverdue).len(), 1, "once");
        let (_, mail) = told(&portal, MailKind::StaffDaily).remove(1);
        assert_eq!(parts(&mail.message).expect("ours").subject, "1 thing waits for you, 1 overdue");
        answer_question(app, &dana, &office.scope.brokerage, &office.question, "In Entra.", &fresh_key()).await.expect("answered");
        let worker = passes(&portal, database, worker, DAY).await;
        assert_eq!(to(&portal, MailKind::StaffDaily).len(), 2, "nothing waits, so nothing is written");
        worker.stop().await;
    }

    async fn nobody_hears_on_a_weekend_that_something_is_overdue(database) {
        let portal = Portal::open(database).await;
        let app = &portal.app;
        colleague(app, "Dana Reyes", StaffRole::Reviewer).await;
        asks(&portal).await;
        // It is Saturday. Asked now, it is due when Monday ends in Chicago.
        assert_eq!(database.count("needs WHERE rule = 'office_asked' AND due_at = 1795478400000000").await, 1);
        database.execute("UPDATE needs SET due_at = 1").await;
        let worker = portal.worker();
        rounds_end(&portal, database).await;
        let worker = passes(&portal, database, worker, DAY).await;
        assert_eq!(to(&portal, MailKind::StaffOverdue), [] as [&str; 0], "on Sunday");
        // Monday, 7:43 in Chicago; then 8:13.
        let worker = passes(&portal, database, worker, DAY + 3 * Duration::from_secs(3600)).await;
        assert_eq!(to(&portal, MailKind::StaffOverdue), [] as [&str; 0], "before work");
        let worker = passes(&portal, database, worker, Duration::from_secs(1800)).await;
        assert_eq!(to(&portal, MailKind::StaffOverdue), ["dana@moxiworks.example"]);
        let (_, mail) = told(&portal, MailKind::StaffNeed).remove(0);
        let read = parts(&mail.message).expect("ours").text;
        let read = read.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(read.contains("somebody should look by 31 December 1969, 18:00 CST"), "by the clock there: {read}");
        worker.stop().await;
    }

    async fn what_was_done_while_the_mail_server_was_away_is_not_told(database) {
        let portal = Portal::open(database).await;
        let dana = colleague(&portal.app, "Dana Reyes", StaffRole::Reviewer).await;
        let office = asks(&portal).await;
        portal.mails.plan(SendError::NotReached("away".to_owned()));
        let worker = portal.worker();
        let waits = "mails WHERE kind = 'staff_need' AND state = 'pending'";
        portal.until("it waits", async || {
            let failed = "jobs WHERE kind = 'send_mail' AND attempts = 1 AND lease_token IS NULL";
            (database.count(waits).await == 1 && database.count(failed).await == 1).then_some(())
        }).await;
        answer_question(&portal.app, &dana, &office.scope.brokerage, &office.question, "In Entra.", &fresh_key()).await.expect("answered");
        let worker = passes(&portal, database, worker, MINUTE).await;
        assert_eq!(database.count("mails WHERE kind = 'staff_need' AND state = 'held'").await, 1);
        assert!(to(&portal, MailKind::StaffNeed).is_empty());
        worker.stop().await;
    }

    async fn the_account_manager_reads_what_their_brokerages_were_told(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let app = &portal.app;
        let dana = colleague(app, "Dana Reyes", StaffRole::Reviewer).await;
        let mia = colleague(app, "Mia Chen", StaffRole::AccountManager).await;
        choose_mail(app, &mia, "nothing").await.expect("chosen");
        choose_mail(app, &dana, "nothing").await.expect("chosen");
        let (well, ill) = (lab.sample("healthy"), lab.sample("roles-arrive-later"));
        let scope = portal.office(&well.tenant_domain).await;
        let named = TypedKeeper { before: String::new(), named: mia.staff.as_str().to_owned() };
        name_keeper(app, &dana, &scope.brokerage, &named).await.expect("named");
        let worker = portal.worker();
        let verified = portal.submit(&scope, &well).await;
        portal.settles(&verified, State::Verified, None).await;
        portal.until("she reads of it", async || (to(&portal, MailKind::KeeperTold).len() == 1).then_some(())).await;
        let (address, mail) = told(&portal, MailKind::KeeperTold).remove(0);
        assert_eq!(address, "mia@moxiworks.example");
        let read = parts(&mail.message).expect("ours");
        assert!(read.subject.starts_with("Verified: Lakeshore Realty, healthy"), "{}", read.subject);
        assert!(read.text.contains(&format!("/connections/{}", verified.connection)), "{}", read.text);
        let other = portal.newcomer(&ill).await;
        portal.settles(&other, State::Failed, None).await;
        let theirs = "mails WHERE kind = 'failed'";
        portal.until("the other office reads it", async || (database.count(theirs).await == 1).then_some(())).await;
        assert_eq!(to(&portal, MailKind::KeeperTold).len(), 1, "nobody is named there");

        // She is none any more, and reads nothing.
        colleague(app, "Mia Chen", StaffRole::Support).await;
        let connection = portal.connection(&scope, "Second office").await;
        let attempt = portal.submit_to(&scope, &connection, &well, 1).await;
        let again = Submission { scope: scope.clone(), connection, attempt };
        portal.settles(&again, State::Verified, None).await;
        rounds_end(&portal, database).await;
        assert_eq!(database.count("mails WHERE kind = 'keeper_told'").await, 1);
        worker.stop().await;
    }

    async fn an_emergency_is_told_loudly_to_all_but_the_two_who_opened(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let app = &portal.app;
        let ravi = colleague(app, "Ravi Anand", StaffRole::Operations).await;
        let noor = colleague(app, "Noor Haddad", StaffRole::Operations).await;
        let olga = colleague(app, "Olga Weiss", StaffRole::Owner).await;
        for (name, role) in [("Gus Lind", StaffRole::Operations), ("Ines Falk", StaffRole::Auditor), ("Dana Reyes", StaffRole::Reviewer)] {
            colleague(app, name, role).await;
        }
        choose_mail(app, &olga, "nothing").await.expect("chosen");
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        let typed = TypedAccess {
            attempt: "1".to_owned(),
            way: "break_glass".to_owned(),
            reason: "Their server is being robbed.".to_owned(),
            ticket: "T-1042".to_owned(),
            minutes: "30".to_owned(),
        };
        let id = ask_access(app, &ravi, &of.connection, &typed, &fresh_key()).await.expect("asked");
        second_access(app, &noor, Some(app.clock.now()), &id).await.expect("opened");
        let worker = portal.worker();
        let others = ["gus@moxiworks.example", "ines@moxiworks.example", "olga@moxiworks.example"];
        portal.until("it is told", async || (to(&portal, MailKind::StaffNeed).len() == 3).then_some(())).await;
        rounds_end(&portal, database).await;
        assert_eq!(to(&portal, MailKind::StaffNeed), others, "not those who opened it, and nobody whom it is nothing to");
        let read = parts(&told(&portal, MailKind::StaffNeed).remove(0).1.message).expect("ours");
        assert!(read.subject.starts_with("EMERGENCY: secret opened: Lakeshore Realty"), "{}", read.subject);
        let text = read.text.replace('\n', " ");
        assert!(text.contains("without the office's yes") && text.contains("looks it over by 22 November 2026"), "{text}");
        let worker = passes(&portal, database, worker, DAY + MINUTE).await;
        assert_eq!(to(&portal, MailKind::StaffOverdue), others);
        let read = parts(&told(&portal, MailKind::StaffOverdue).remove(0).1.message).expect("ours");
        assert!(read.subject.starts_with("EMERGENCY not looked over: Lakeshore Realty"), "{}", read.subject);
        worker.stop().await;
    }

    async fn everybody_chooses_on_their_own_page(database) {
        let (_portal, site, _lab) = both(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Operations]).await;
        let page = dana.opens("/account").await;
        for words in ["Mails to you", "no mail reaches you", "At once", "needs you as the second person", "looked over"] {
            page.must_say(words);
        }
        let form = page.form_with("mail");
        assert_eq!(form.value("mail"), Some("at_once"), "what is usual for the role");
        let wrong = dana.posts(&form.clone().with("mail", "often")).await;
        assert_eq!(wrong.status, 422);
        wrong.must_say("Choose which mails you want");
        let kept = dana.sends(&form.with("mail", "daily")).await;
        kept.must_say("Your choice of mails is kept.");
        assert_eq!(kept.form_with("mail").value("mail"), Some("daily"));
        assert_eq!(database.count("audit WHERE verb = 'staff.mail'").await, 1);
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let hers = ada.opens("/account").await;
        hers.must_say("These come at once, whatever you choose");
        hers.must_say("emergency");
        assert!(!hers.html().forms().iter().any(|form| form.has("mail")));
    }

    async fn a_mail_server_takes_it_whole(database) {
        let mut portal = Portal::open(database).await;
        let folder = std::env::temp_dir().join(format!("moxi-staff-mail-{}-{:?}", std::process::id(), database.kind));
        std::fs::create_dir_all(&folder).expect("a folder");
        let address = free_port();
        let mut server = SmtpServer::away_at(address, &folder);
        server.comes().await;
        portal.app = portal.app.with_mailer(Mailer::Smtp(plain(address.port())));
        let _: StaffScope = colleague(&portal.app, "Dana Reyes", StaffRole::Reviewer).await;
        asks(&portal).await;
        let worker = worker(portal.app.clone());
        let taken = "mails WHERE kind = 'staff_need' AND state = 'accepted'";
        portal.until("it is taken", async || (database.count(taken).await == 1).then_some(())).await;
        worker.stop().await;
        let files = std::fs::read_dir(&folder).expect("a folder");
        let letters: Vec<String> =
            files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok()).collect();
        let ours = letters.iter().filter(|letter| letter.contains("Subject: Question from")).count();
        assert_eq!(ours, 1, "{letters:#?}");
        let _ = std::fs::remove_dir_all(&folder);
    }
}
