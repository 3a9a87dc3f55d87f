//! All mailboxes of a connection, as a job: signed in once, kept as they come, resumed, stopped, and checked again.

use std::{collections::BTreeMap, time::Duration};

use moxi_onboard::{
    actions::{
        check_rest::check_rest,
        roster::opened_address,
        start_roster::{Sent, TypedRoster, start_roster},
        stop_roster::stop_roster,
    },
    domain::{
        check::Verdict,
        connection::State,
        mail::MailKind,
        refused::Refused,
        roster::{Roster, RosterEnd},
        staff::StaffRole,
    },
    notify::{mailer::Mailer, memory::Memory},
    simulator::{ALWAYS, Fault, Operation, Sample, Target},
};

use crate::{
    databases::{Database, Kind, on_both},
    flow_pages::Browser,
    office::{self, fresh_key},
    running::{Portal, Submission},
    staff_site::StaffSite,
    verification::lab::Lab,
    world::{Cast, Plan, World, free_port, rows as world_rows},
};

/// A connection of a large office that is verified.
struct Office {
    portal: Portal,
    lab: Lab,
    sample: Sample,
    submission: Submission,
}

impl Office {
    async fn open(database: &Database, at_once: usize) -> Self {
        Self::open_as(database, "large-office", at_once).await
    }

    async fn open_as(database: &Database, sample: &str, at_once: usize) -> Self {
        let lab = Lab::open().await;
        let mails = Memory::default();
        let staff = format!("[staff]\nlisten = \"{}\"\n", free_port());
        let settings = format!("[checks]\nroster_at_once = {at_once}\n{staff}");
        let app = office::portal_with(database, &settings, true).await;
        let app = app.with_mailer(Mailer::Memory(mails.clone()));
        let portal = Portal { app, mails }.with(lab.verifier());
        let mut sample = lab.sample(sample);
        // Where the test mailbox is the one that does not open, the office names another.
        if sample.test_mailbox.starts_with("outside@") {
            sample.test_mailbox = format!("agent@{}", sample.tenant_domain);
        }
        let submission = portal.newcomer(&sample).await;
        let worker = portal.worker();
        portal.settles(&submission, State::Verified, None).await;
        portal.until("the mail is out", async || (!portal.mails.sent().is_empty()).then_some(())).await;
        worker.stop().await;
        // Nobody asks for a roster in the very microsecond in which the check signed in.
        portal.app.clock.advance(Duration::from_secs(60));
        lab.simulator.clear_requests();
        Self { portal, lab, sample, submission }
    }

    fn agent(&self, number: usize) -> String {
        format!("agent-{number:04}@{}", self.sample.tenant_domain)
    }

    fn table(&self, numbers: impl IntoIterator<Item = usize>) -> String {
        numbers.into_iter().fold("mailbox\n".to_owned(), |text, number| text + &self.agent(number) + "\n")
    }

    async fn sends(&self, typed: TypedRoster) -> Result<Sent, Refused> {
        let of = &self.submission;
        start_roster(&self.portal.app, &of.scope, &of.connection, &typed, &fresh_key()).await
    }

    async fn starts(&self, numbers: impl IntoIterator<Item = usize>) {
        let typed = TypedRoster { pasted: self.table(numbers), ..TypedRoster::default() };
        assert!(matches!(self.sends(typed).await, Ok(Sent::Started(_))));
    }

    async fn again(&self) -> Result<(), Refused> {
        let (of, round) = (&self.submission, self.roster().await.round);
        check_rest(&self.portal.app, &of.scope, &of.connection, round).await
    }

    async fn roster(&self) -> Roster {
        let of = &self.submission;
        let mut read = self.portal.app.store.read().await.expect("a transaction");
        read.roster_of(&of.scope.brokerage, &of.connection).await.expect("rows").expect("a roster")
    }

    /// Waits for the end of the run.
    async fn ends(&self) -> (RosterEnd, Roster) {
        let roster = self
            .portal
            .until("the roster has ended", async || {
                Some(self.roster().await).filter(|one| one.ended.is_some())
            })
            .await;
        (roster.ended.expect("an end").1, roster)
    }

    /// How many mailboxes came to which cause; those that work under no name.
    async fn groups(&self) -> BTreeMap<String, i64> {
        let roster = self.roster().await;
        let mut read = self.portal.app.store.read().await.expect("a transaction");
        let groups = read.roster_groups(&roster.id).await.expect("groups").into_iter();
        groups.fold(BTreeMap::new(), |mut counts, group| {
            let name = group.cause.map_or_else(String::new, |cause| cause.as_str().to_owned());
            let name = if group.verdict.is_none() { "open".to_owned() } else { name };
            *counts.entry(name).or_default() += group.count;
            counts
        })
    }

    /// The addresses of mailboxes that have a result.
    async fn decided(&self) -> Vec<String> {
        let roster = self.roster().await;
        let mut read = self.portal.app.store.read().await.expect("a transaction");
        let rows = read.roster_mailboxes(&roster.id, 0, 1000).await.expect("rows").into_iter();
        rows.filter(|row| row.verdict.is_some())
            .map(|row| opened_address(&self.portal.app, &roster.id, &row).expect("an address"))
            .map(|address| address.as_str().to_owned())
            .collect()
    }

    /// Whether anything was asked of this mailbox since requests were cleared.
    fn was_visited(&self, agent: &str) -> bool {
        let name = agent.split('@').next().expect("a name");
        self.lab.simulator.requests().iter().any(|seen| seen.path.contains(name))
    }

    fn told(&self) -> usize {
        self.portal.mails.sent().iter().filter(|mail| mail.kind == MailKind::RosterEnded).count()
    }

    async fn counted(&self, database: &Database, what: &str, count: i64) {
        self.portal.until(what, async || (database.count(what).await == count).then_some(())).await;
    }

    /// Moves the clock when nobody holds a lease: on SQLite the same clock ends leases.
    async fn advance(&self, database: &Database, by: Duration) {
        self.counted(database, "jobs WHERE lease_token IS NOT NULL", 0).await;
        self.portal.app.clock.advance(by);
    }

    async fn is_told(&self, count: usize) {
        self.portal.until("the mail is out", async || (self.told() == count).then_some(())).await;
    }
}

fn causes(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    expected.iter().map(|(cause, count)| ((*cause).to_owned(), *count)).collect()
}

on_both! {
    async fn an_office_is_signed_in_once_and_grouped_by_cause_and_only_the_failed_are_checked_again(database) {
        let office = Office::open(database, 4).await;
        office.starts((1..=9).chain([998, 1000])).await;
        let worker = office.portal.worker();
        let (end, roster) = office.ends().await;
        assert_eq!((end, roster.mailboxes, roster.done, roster.round), (RosterEnd::Done, 11, 11, 1));
        assert_eq!(office.groups().await, causes(&[("", 9), ("graph_user_invalid", 1), ("mailbox_not_in_exo", 1)]));
        assert_eq!(office.lab.simulator.requests().iter().filter(|seen| seen.operation == Operation::Token).count(), 1);
        office.is_told(1).await;
        for agent in (1..=9).chain([998, 1000]).map(|number| office.agent(number)) {
            let items = office.lab.simulator.mailbox_items(&agent);
            assert!(items.left_behind().is_empty(), "{agent}: {:?}", items.left_behind());
        }
        office.lab.simulator.clear_requests();
        assert!(office.lab.simulator.heal("large-office"));
        office.again().await.expect("it begins");
        office.portal.until("the second run ends", async || {
            let roster = office.roster().await;
            (roster.round == 2 && roster.ended.is_some()).then_some(())
        }).await;
        assert_eq!(office.groups().await, causes(&[("", 11)]));
        assert!(!office.was_visited(&office.agent(1)) && office.was_visited(&office.agent(998)));
        office.is_told(2).await;
        worker.stop().await;
        assert!(matches!(office.again().await, Err(Refused::Conflict(_))), "everything works");
        assert_eq!(database.count("audit WHERE verb = 'roster.end'").await, 2);
        assert_eq!(database.count("jobs WHERE crashes > 0 OR parked_at IS NOT NULL").await, 0);
    }

    async fn a_run_whose_worker_was_lost_goes_on_with_those_without_a_result(database) {
        let office = Office::open(database, 1).await;
        office.lab.simulator.set_latency(Duration::from_millis(40));
        office.starts(1..=8).await;
        let doomed = office.portal.worker();
        office.portal.until("some have a result", async || (office.roster().await.done >= 2).then_some(())).await;
        doomed.kill().await;
        let decided = office.decided().await;
        assert!((2..8).contains(&decided.len()), "{decided:?}");
        office.lab.simulator.clear_requests();
        office.lab.simulator.set_latency(Duration::ZERO);
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let worker = office.portal.worker();
        let (end, roster) = office.ends().await;
        assert_eq!((end, roster.done), (RosterEnd::Done, 8));
        assert!(decided.iter().all(|agent| !office.was_visited(agent)), "nobody is visited twice");
        assert_eq!(office.groups().await, causes(&[("", 8)]));
        office.is_told(1).await;
        worker.stop().await;
        // One more where the lost worker had something in a mailbox, which is removed with a sign-in of its own.
        let accepted = database.count("sign_in_tries WHERE run < 0 AND accepted = TRUE").await;
        assert!((2..=3).contains(&accepted), "{accepted}");
    }

    async fn what_a_lost_worker_wrote_to_mailboxes_is_removed(database) {
        let office = Office::open(database, 2).await;
        office.lab.simulator.inject(Target::Operation(Operation::ContactDelete), Fault::Hang, ALWAYS);
        office.starts(1..=3).await;
        let doomed = office.portal.worker();
        let left = |agents: &[usize]| {
            let holds = |agent: &&usize| {
                let items = office.lab.simulator.mailbox_items(&office.agent(**agent));
                !items.left_behind().is_empty()
            };
            agents.iter().filter(holds).count()
        };
        office.portal.until("two mailboxes hold something", async || (left(&[1, 2]) == 2).then_some(())).await;
        doomed.kill().await;
        office.lab.simulator.clear_faults();
        assert_eq!(left(&[1, 2]), 2, "nobody removed it");
        let noted = "test_items WHERE place > 0 AND thing = 'contact'";
        assert_eq!(database.count(noted).await, 2);
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let worker = office.portal.worker();
        let (end, roster) = office.ends().await;
        assert_eq!((end, roster.done), (RosterEnd::Done, 3));
        assert_eq!(office.groups().await, causes(&[("", 3)]));
        office.portal.until("they are as they were", async || (left(&[1, 2, 3]) == 0).then_some(())).await;
        // What was cut off while it was written might arrive late, so its note stays for five minutes.
        office.advance(database, Duration::from_secs(301)).await;
        office.counted(database, "test_items", 0).await;
        worker.stop().await;
        assert_eq!(database.count("jobs WHERE kind = 'clear_mailbox' AND (crashes > 0 OR parked_at IS NOT NULL)").await, 0);
    }

    async fn what_could_not_be_removed_from_a_mailbox_is_removed_later(database) {
        let office = Office::open(database, 2).await;
        let body = r#"{"error":{"code":"ErrorAccessDenied","message":"Access is denied."}}"#.to_owned();
        let refusal = Fault::Status { code: 403, headers: Default::default(), body };
        office.lab.simulator.inject(Target::Operation(Operation::ContactDelete), refusal, ALWAYS);
        office.starts(1..=2).await;
        let worker = office.portal.worker();
        let (end, _) = office.ends().await;
        assert_eq!(end, RosterEnd::Done);
        assert_eq!(office.groups().await, causes(&[("", 2)]), "they work");
        let tried = "jobs WHERE kind = 'clear_mailbox' AND attempts = 1 AND lease_token IS NULL";
        office.counted(database, tried, 1).await;
        assert_eq!(database.count("test_items WHERE place > 0").await, 2);
        office.lab.simulator.clear_faults();
        office.advance(database, Duration::from_secs(61)).await;
        office.counted(database, "test_items", 0).await;
        worker.stop().await;
        for agent in [1, 2].map(|number| office.agent(number)) {
            assert!(office.lab.simulator.mailbox_items(&agent).left_behind().is_empty(), "{agent}");
        }
    }

    async fn what_one_of_many_meets_is_told_from_what_the_whole_office_meets(database) {
        let office = Office::open_as(database, "outside-scope", 1).await;
        let domain = &office.sample.tenant_domain;
        let pasted = format!("agent@{domain}\noutside@{domain}\n");
        let sent = office.sends(TypedRoster { pasted, ..TypedRoster::default() }).await;
        assert!(matches!(sent, Ok(Sent::Started(_))));
        let worker = office.portal.worker();
        office.ends().await;
        worker.stop().await;
        assert_eq!(office.groups().await, causes(&[("", 1), ("exo_rbac_scope_excludes", 1)]));
    }

    async fn a_worker_that_leaves_gives_the_run_back_without_a_fault(database) {
        let office = Office::open(database, 1).await;
        office.lab.simulator.set_latency(Duration::from_millis(40));
        office.starts(1..=8).await;
        let leaving = office.portal.worker();
        office.portal.until("one has a result", async || (office.roster().await.done >= 1).then_some(())).await;
        leaving.stop().await;
        let decided = office.decided().await;
        assert!((1..8).contains(&decided.len()), "{decided:?}");
        assert_eq!(database.count("jobs WHERE crashes > 0 OR lease_token IS NOT NULL").await, 0);
        office.lab.simulator.clear_requests();
        office.lab.simulator.set_latency(Duration::ZERO);
        let worker = office.portal.worker();
        assert_eq!(office.ends().await.0, RosterEnd::Done);
        assert!(decided.iter().all(|agent| !office.was_visited(agent)));
        worker.stop().await;
    }

    async fn a_run_is_stopped_and_the_rest_is_checked_later(database) {
        let office = Office::open(database, 1).await;
        office.lab.simulator.set_latency(Duration::from_millis(40));
        office.starts(1..=8).await;
        let of = &office.submission;
        assert!(matches!(office.sends(TypedRoster { pasted: office.table([9]), ..TypedRoster::default() }).await,
            Err(Refused::Conflict(_))), "one run at a time");
        let worker = office.portal.worker();
        office.portal.until("one has a result", async || (office.roster().await.done >= 1).then_some(())).await;
        stop_roster(&office.portal.app, &of.scope, &of.connection).await.expect("stopped");
        let (end, stopped) = office.ends().await;
        assert!(end == RosterEnd::Stopped && stopped.done < 8, "{stopped:?}");
        assert_eq!(office.told(), 0, "whoever stops it knows");
        office.lab.simulator.set_latency(Duration::ZERO);
        office.again().await.expect("it goes on");
        office.portal.until("the rest is done", async || (office.roster().await.done == 8).then_some(())).await;
        office.is_told(1).await;
        worker.stop().await;
        assert_eq!(office.groups().await, causes(&[("", 8)]));
    }

    async fn a_connection_that_closes_ends_the_run(database) {
        let office = Office::open(database, 1).await;
        office.lab.simulator.set_latency(Duration::from_millis(40));
        office.starts(1..=8).await;
        let worker = office.portal.worker();
        office.portal.until("one has a result", async || (office.roster().await.done >= 1).then_some(())).await;
        database.execute("UPDATE connections SET came_from = 'verified', state = 'closed', in_use_id = NULL").await;
        let (end, roster) = office.ends().await;
        assert!(end == RosterEnd::Overtaken && roster.done < 8, "{roster:?}");
        office.is_told(1).await;
        worker.stop().await;
        assert!(matches!(office.again().await, Err(Refused::Conflict(_))));
    }

    async fn a_secret_that_is_refused_opens_no_mailbox_and_is_not_tried_again(database) {
        let office = Office::open(database, 4).await;
        let refusal = Fault::Status {
            code: 401,
            headers: Default::default(),
            body: r#"{"error":"invalid_client","error_codes":[7000215],"error_description":"AADSTS7000215: No."}"#.to_owned(),
        };
        office.lab.simulator.inject(Target::Operation(Operation::Token), refusal, ALWAYS);
        office.starts(1..=5).await;
        let worker = office.portal.worker();
        let (end, roster) = office.ends().await;
        assert_eq!((end, roster.done), (RosterEnd::NotOpened, 0));
        assert_eq!(roster.cause.as_ref().map(|cause| cause.as_str()), Some("client_secret_invalid"));
        office.is_told(1).await;
        assert!(matches!(office.again().await, Err(Refused::Conflict(_))), "not with a secret that was refused");
        worker.stop().await;
        assert_eq!(office.lab.simulator.requests().iter().filter(|seen| seen.operation == Operation::Token).count(), 1);
        assert_eq!(office.portal.standing(&office.submission).await.0.state, State::Verified, "a roster decides nothing");
    }

    async fn a_busy_service_is_given_its_pause_and_no_result_is_lost(database) {
        let office = Office::open(database, 2).await;
        let headers = BTreeMap::from([("retry-after".to_owned(), "1".to_owned())]);
        let busy = Fault::Status { code: 429, headers, body: String::new() };
        office.lab.simulator.inject(Target::Operation(Operation::ContactsList), busy, 3);
        let begun = std::time::Instant::now();
        office.starts(1..=6).await;
        let worker = office.portal.worker();
        assert_eq!(office.ends().await.0, RosterEnd::Done);
        worker.stop().await;
        assert_eq!(office.groups().await, causes(&[("", 6)]));
        assert!(begun.elapsed() >= Duration::from_secs(1), "it waited as it was asked to");
    }

    async fn a_table_is_taken_whole_or_its_bad_lines_are_named(database) {
        let office = Office::open(database, 4).await;
        let text = format!("\u{feff}Name;E-mail\r\n\"Ida; Hall\";{}\r\nJo;\r\nUwe;=HYPERLINK(\"x\")\r\nIda;{}\r\n",
            office.agent(1), office.agent(1).to_uppercase());
        let file = |skip_bad_lines| TypedRoster { file: text.clone(), skip_bad_lines, ..TypedRoster::default() };
        let Ok(Sent::BadLines { good, bad }) = office.sends(file(false)).await else { panic!("bad lines") };
        assert_eq!(good.len(), 1);
        assert_eq!(bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(database.count("rosters").await, 0);
        assert!(matches!(office.sends(file(true)).await, Ok(Sent::Started(_))));
        assert_eq!(database.count("roster_mailboxes").await, 1);
        for (file, pasted, part) in [
            ("", "", "Choose a file, or paste"),
            ("a@b.example", "c@d.example", "not both"),
            ("PK\u{3}\u{4}\u{fffd}", "", "This is no CSV file"),
            ("\u{fffd}\u{fffd}m\u{fffd}", "", "This is no CSV file"),
            ("name\nIda\n", "", "No column holds"),
        ] {
            let typed = TypedRoster { file: file.to_owned(), pasted: pasted.to_owned(), ..TypedRoster::default() };
            let Err(Refused::Fields(errors)) = office.sends(typed).await else { panic!("{part}") };
            assert!(errors[0].field == "table" && errors[0].sentence.contains(part), "{errors:?}");
        }
        // Where no line can be used there is nothing to go on with, whatever was pressed.
        let none = TypedRoster { file: "mailbox\nIda\n".to_owned(), skip_bad_lines: true, ..TypedRoster::default() };
        let Ok(Sent::BadLines { good, bad }) = office.sends(none).await else { panic!("bad lines") };
        assert_eq!((good.len(), bad[0].sentence().as_str()), (0, "Line 2, \"Ida\", holds something else than a mail address"));
    }

    async fn a_mailbox_that_opens_although_it_must_be_refused_is_named_and_nothing_is_written_to_it(database) {
        let office = Office::open_as(database, "scope-open", 4).await;
        let outside = format!("outside@{}", office.sample.tenant_domain);
        let pasted = office.sample.test_mailbox.clone();
        let both = TypedRoster { pasted: pasted.clone(), outside: pasted.clone(), ..TypedRoster::default() };
        let Err(Refused::Fields(errors)) = office.sends(both).await else { panic!("both lists") };
        assert!(errors[0].field == "outside" && errors[0].sentence.contains("stands in both lists"), "{errors:?}");
        let typed = TypedRoster { pasted, outside, ..TypedRoster::default() };
        assert!(matches!(office.sends(typed).await, Ok(Sent::Started(_))));
        let worker = office.portal.worker();
        assert_eq!(office.ends().await.0, RosterEnd::Done);
        office.is_told(1).await;
        worker.stop().await;
        assert_eq!(office.groups().await, causes(&[("", 1), ("scope_not_effective", 1)]));
        let asked = office.lab.simulator.requests();
        let to_it: Vec<_> = asked.iter().filter(|seen| seen.path.contains("outside")).collect();
        assert!(!to_it.is_empty() && to_it.iter().all(|seen| seen.method == "GET"), "{to_it:?}");
        let mut iris = Browser::of(&office.portal.app, &office.submission.scope).await;
        let page = iris.look(&format!("/connections/{}/mailboxes", office.submission.connection)).await;
        for part in ["1 of 1 mailboxes work", "Reaches too much", "0 of 1 were refused", "Check 1 mailbox again: not as it must be"] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
    }

    async fn a_mailbox_that_is_refused_as_it_must_be_is_good(database) {
        let office = Office::open_as(database, "scope-kept", 4).await;
        let outside = format!("outside@{0}\nnobody@{0}\n", office.sample.tenant_domain);
        let typed = TypedRoster { pasted: office.sample.test_mailbox.clone(), outside, ..TypedRoster::default() };
        assert!(matches!(office.sends(typed).await, Ok(Sent::Started(_))));
        let worker = office.portal.worker();
        assert_eq!(office.ends().await.0, RosterEnd::Done);
        worker.stop().await;
        let groups = office.groups().await;
        assert_eq!(groups.get(""), Some(&2), "the wanted one and the refused one: {groups:?}");
        assert_eq!(groups.values().sum::<i64>(), 3, "one that is not there says nothing: {groups:?}");
        assert!(!groups.contains_key("scope_not_effective"));
    }

    async fn until_it_is_accepted_a_brokerage_opens_only_mailboxes_of_its_own_domain(database) {
        let office = Office::open(database, 4).await;
        let pasted = format!("{}\nsomebody@harbor.example\n", office.agent(1));
        database.execute("UPDATE brokerages SET accepted_at = NULL").await;
        let typed = TypedRoster { pasted: pasted.clone(), ..TypedRoster::default() };
        let Ok(Sent::BadLines { good, bad }) = office.sends(typed.clone()).await else { panic!("a bad line") };
        assert_eq!((good.len(), bad.len(), bad[0].line), (1, 1, 2));
        database.execute("UPDATE brokerages SET accepted_at = 1").await;
        assert!(matches!(office.sends(typed).await, Ok(Sent::Started(_))), "its own tenant may have several domains");
    }

    async fn another_brokerage_finds_nothing_and_a_new_connection_has_none_to_check(database) {
        let office = Office::open(database, 4).await;
        office.starts(1..=2).await;
        let (of, app) = (&office.submission, &office.portal.app);
        let stranger = office.portal.office("harbor.example").await;
        let typed = TypedRoster { pasted: office.table([1]), ..TypedRoster::default() };
        let started = start_roster(app, &stranger, &of.connection, &typed, &fresh_key()).await;
        assert_eq!(started.err(), Some(Refused::NotFound));
        assert_eq!(check_rest(app, &stranger, &of.connection, 1).await.err(), Some(Refused::NotFound));
        assert_eq!(stop_roster(app, &stranger, &of.connection).await.err(), Some(Refused::NotFound));
        let fresh = office.portal.connection(&stranger, "Not submitted").await;
        let started = start_roster(app, &stranger, &fresh, &typed, &fresh_key()).await;
        assert!(matches!(started, Err(Refused::Conflict(_))), "{started:?}");
    }

    async fn the_same_form_starts_one_run_and_a_later_table_takes_the_place_of_the_earlier(database) {
        let office = Office::open(database, 4).await;
        let (of, app, key) = (&office.submission, &office.portal.app, fresh_key());
        let typed = TypedRoster { pasted: office.table([1, 2]), ..TypedRoster::default() };
        let (one, other) = tokio::join!(
            start_roster(app, &of.scope, &of.connection, &typed, &key),
            start_roster(app, &of.scope, &of.connection, &typed, &key),
        );
        let id = |sent: Result<Sent, Refused>| match sent { Ok(Sent::Started(id)) => id, other => panic!("{other:?}") };
        assert_eq!(id(one), id(other));
        let worker = office.portal.worker();
        office.ends().await;
        office.starts([3]).await;
        office.portal.until("the next one ends", async || {
            let roster = office.roster().await;
            (roster.mailboxes == 1 && roster.ended.is_some()).then_some(())
        }).await;
        worker.stop().await;
        assert_eq!((database.count("rosters").await, database.count("roster_mailboxes").await), (1, 1));
    }

    async fn what_was_checked_is_forgotten_on_time(database) {
        let office = Office::open(database, 4).await;
        office.starts([1, 2]).await;
        let worker = office.portal.worker();
        office.ends().await;
        worker.stop().await;
        office.portal.app.clock.advance(Duration::from_secs(401 * 24 * 3600));
        let worker = office.portal.worker();
        office.portal.until("it is gone", async || (database.count("rosters").await == 0).then_some(())).await;
        worker.stop().await;
        assert_eq!(database.count("roster_mailboxes").await, 0);
    }
}

on_both! {
    async fn an_admin_sends_a_file_in_sees_what_came_of_it_and_downloads_it(database) {
        let office = Office::open(database, 4).await;
        let mut iris = Browser::of(&office.portal.app, &office.submission.scope).await;
        let page = format!("/connections/{}", office.submission.connection);
        let status = iris.look(&page).await;
        assert!(status.body.contains(&format!("href=\"{page}/mailboxes\"")), "{}", status.body);
        let all = iris.look(&format!("{page}/mailboxes")).await;
        assert_eq!((all.status, all.location), (303, format!("{page}/mailboxes/new")));
        let new = format!("{page}/mailboxes/new");
        let form = iris.look(&new).await;
        assert!(form.body.contains("enctype=\"multipart/form-data\"") && form.body.contains("type=\"file\""), "{}", form.body);

        let table = format!("\u{feff}name;e-mail\r\nIda;{}\r\nJo;\r\n=1+1;{}\r\n", office.agent(1), office.agent(998));
        let told = iris.uploads(&new, &[("table", "")], ("table_file", table.as_bytes())).await;
        assert_eq!(told.status, 422);
        assert!(told.body.contains("<title>Error: ") && told.body.contains("1 line cannot be used"), "{}", told.body);
        assert!(told.body.contains("<li>Line 3, &#34;Jo&#34;, has no mail address</li>") && told.body.contains("Go on with the 2 that can"), "{}", told.body);
        let hostile: String = (1..=12).map(|n| format!("<script>alert({n})</script>{}\n", "x".repeat(300))).collect();
        let none = iris.uploads(&new, &[("table", "")], ("table_file", format!("mailbox\n{hostile}").as_bytes())).await;
        assert!(none.status == 422 && none.body.contains("Line 2, &#34;&#60;script&#62;alert(1)&#60;/script&#62;xxx"), "{}", none.body);
        assert!(none.body.contains("<li>and 2 more</li>") && !none.body.contains("Go on with"), "{}", none.body);
        assert!(!none.body.contains("<script>alert") && !none.body.contains(&"x".repeat(100)), "{}", none.body);
        let lines = format!("{}\nJo", office.agent(1));
        let pasted = iris.uploads(&new, &[("table", &lines)], ("table_file", b"")).await;
        assert!(pasted.body.contains(&format!(">{lines}</textarea>")), "what was pasted is kept: {}", pasted.body);
        assert_eq!(database.count("rosters").await, 0);
        let sent = iris.send(&new, &[("table", &table), ("skip", "yes")]).await;
        assert_eq!((sent.status, sent.location), (303, format!("{page}/mailboxes")), "{}", sent.body);
        let running = iris.look(&format!("{page}/mailboxes")).await;
        assert!(running.body.contains("Checking all mailboxes") && running.body.contains("0 of 2 have a result. It begins in a moment."), "{}", running.body);
        assert!(running.body.contains("data-progress=") && running.body.contains(">Stop</button>"));
        let worker = office.portal.worker();
        office.ends().await;
        worker.stop().await;
        let ended = iris.look(&format!("{page}/mailboxes")).await;
        for part in ["1 of 2 mailboxes work", "1 of 2: ", &office.agent(998), "Check 1 mailbox again: not working", "How to mend it"] {
            assert!(ended.body.contains(part), "{part}: {}", ended.body);
        }
        assert!(!ended.body.contains("data-progress="));
        let group = iris.look(&format!("{page}/mailboxes?cause=graph_user_invalid")).await;
        assert!(group.status == 200 && group.body.contains(&office.agent(998)), "{}", group.body);
        assert_eq!(iris.look(&format!("{page}/mailboxes?cause=no_such_cause")).await.status, 404);
        let file = iris.look(&format!("{page}/mailboxes/results.csv")).await;
        let lines: Vec<&str> = file.body.lines().collect();
        assert_eq!(lines.len(), 3, "{}", file.body);
        assert!(lines[1].starts_with(&format!("\"{}\",\"2\",\"works\",", office.agent(1))), "{}", file.body);
        assert!(lines[2].ends_with("\"graph_user_invalid\""), "{}", file.body);
        office.lab.simulator.heal("large-office");
        let again = iris.send(&format!("{page}/mailboxes/again"), &[("round", "1")]).await;
        assert_eq!((again.status, again.location), (303, format!("{page}/mailboxes")), "{}", again.body);
        let late = iris.send(&format!("{page}/mailboxes/again"), &[("round", "1")]).await;
        assert_eq!(late.status, 303);
        assert!(iris.look(&late.location).await.body.contains("being checked already"));
        let stop = iris.send(&format!("{page}/mailboxes/stop"), &[]).await;
        assert_eq!(stop.status, 303);
        assert!(iris.look(&stop.location).await.body.contains("The check of all mailboxes stops"));
        let worker = office.portal.worker();
        assert_eq!(office.ends().await.0, RosterEnd::Stopped);
        worker.stop().await;
        assert!(iris.look(&stop.location).await.body.contains("Check 1 mailbox that is left"));
        assert!(!crate::rows::holds(database, office.agent(998).as_bytes()).await, "addresses are encrypted");
    }

    async fn our_own_people_see_how_it_stands_and_hidden_addresses(database) {
        let office = Office::open(database, 4).await;
        office.starts([1, 2, 998]).await;
        let worker = office.portal.worker();
        office.ends().await;
        office.is_told(1).await;
        worker.stop().await;
        let site = StaffSite::of(office.portal.app.clone()).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let page = dana.opens(&format!("/connections/{}", office.submission.connection)).await;
        for words in [
            "All mailboxes", "3 of 3 have a result. 2 work.", "graph_user_invalid", "a…@silverlake-group.example",
            "Check of all 3 mailboxes begun", "Check of all mailboxes ended: 2 work, 1 do not, 0 not checked",
            "Mail \"Mailboxes: ",
        ] {
            page.must_say(words);
        }
        assert!(!page.source.contains("agent-0998"), "addresses are the office's");
    }

    async fn nobody_else_sees_a_roster_or_sends_one_in(database) {
        let office = Office::open(database, 4).await;
        office.starts([1]).await;
        let stranger = office.portal.office("harbor.example").await;
        let mut eve = Browser::of(&office.portal.app, &stranger).await;
        let page = format!("/connections/{}/mailboxes", office.submission.connection);
        eve.look("/connections/new").await;
        for path in ["", "/new", "/results.csv", "/events"] {
            assert_eq!(eve.look(&format!("{page}{path}")).await.status, 404, "{path}");
        }
        for (path, field) in [("/new", ("table", "a@harbor.example")), ("/again", ("round", "1")), ("/stop", ("x", "1"))] {
            assert_eq!(eve.send(&format!("{page}{path}"), &[field]).await.status, 404, "{path}");
        }
        assert_eq!(office.roster().await.stop_at, None);
    }

    async fn files_that_are_none_or_too_large_are_refused_in_words(database) {
        let office = Office::open(database, 4).await;
        let mut iris = Browser::of(&office.portal.app, &office.submission.scope).await;
        let new = format!("/connections/{}/mailboxes/new", office.submission.connection);
        iris.look(&new).await;
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("mailbox\na@b.example".bytes().flat_map(|byte| [byte, 0])).collect();
        for (file, part) in [
            (&b"PK\x03\x04\0\0rest"[..], "This is no CSV file"),
            (&utf16, "This is no CSV file"),
            (b"", "Choose a file, or paste"),
            (&vec![b'a'; 2 * 1024 * 1024 + 1], "larger than 2 MiB"),
        ] {
            let told = iris.uploads(&new, &[], ("table_file", file)).await;
            assert_eq!(told.status, 422, "{part}");
            assert!(told.body.contains(part) && told.body.contains("id=\"table-error\""), "{part}: {}", told.body);
        }
        let told = iris.uploads(&new, &[], ("table_file", &vec![b'a'; 3 * 1024 * 1024])).await;
        assert_eq!(told.status, 413);
        assert_eq!(database.count("rosters").await, 0);
        // As many as a roster has, in one press.
        let table = (1..=20_000).fold("mailbox\n".to_owned(), |text, n| text + &format!("agent-{n:05}@silverlake-group.example\n"));
        iris.look(&new).await;
        assert_eq!(iris.uploads(&new, &[], ("table_file", table.as_bytes())).await.status, 303);
        assert_eq!(database.count("roster_mailboxes").await, 20_000);
        let page = iris.look(&new.replace("/new", "")).await;
        assert!(page.body.contains("0 of 20000 have a result"), "{}", page.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_process_was_killed_is_taken_up_by_another_and_nobody_is_visited_twice() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let plan = Plan { latency: 30, ..Plan::default() };
    let mut world = World::start_with(&database, plan, &[Cast::Portal, Cast::Worker]).await;
    let admin = world.admin("large-office");
    let status = admin.submits_the_first_attempt().await;
    let status = admin.sees_the_end(&status).await;
    assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
    admin.mail("Verified").await;
    let domain = admin.sample.tenant_domain.clone();
    let table: String = (1..=40).map(|number| format!("agent-{number:04}@{domain}\n")).collect();
    let form = admin.browser.opens(&status.link("Check all mailboxes")).await.form_with("table");
    let running = admin.browser.sends(&form.with("table", &table)).await;
    running.must_say("of 40 have a result");
    let done = "SELECT COUNT(*) FROM roster_mailboxes WHERE verdict IS NOT NULL";
    while world_rows::count(&database, done).await < 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.processes.remove(1).kill();
    let kept = "SELECT CAST(seq AS TEXT) FROM roster_mailboxes WHERE verdict IS NOT NULL";
    let kept = world_rows::texts(&database, kept).await;
    assert!(kept.len() < 40, "it was killed in the middle");
    world.simulator.clear_requests();
    world.adds(Cast::Worker).await;
    admin.mail("Mailboxes: 40 of 40 work").await;
    let asked = world.simulator.requests();
    for seq in kept.into_iter().flatten() {
        let number: usize = seq.parse().expect("a number");
        let name = format!("agent-{number:04}");
        assert!(!asked.iter().any(|seen| seen.path.contains(&name)), "{name} was visited twice");
    }
    admin.browser.opens("/overview").await;
    world.rests().await;
    assert_eq!(
        world_rows::count(&database, "SELECT COUNT(*) FROM jobs WHERE parked_at IS NOT NULL").await,
        0
    );
    world.logs_are_calm();
    world.has_no_needles().await;
}

#[test]
fn verdicts_that_work_are_told_from_the_others() {
    let works = |verdict| moxi_onboard::domain::roster::works(verdict);
    assert_eq!(Verdict::ALL.iter().filter(|verdict| works(**verdict)).count(), 2);
}
