//! What stands around the queue: filters, terms, putting off, handing over, keys.

use std::time::Duration;

use moxi_onboard::{
    actions::{
        create_connection::{TypedConnection, create_connection},
        hand_over::hand_over,
        leave_note::{About, TypedNote, leave_note},
        snooze_item::{TypedSnooze, snooze_item},
        take_item::take_item,
        wake_item::wake_item,
    },
    domain::{
        due::WorkingHours,
        ids::{AttemptId, StaffId},
        instant::Instant,
        refused::Refused,
        review::NeedRule,
        scope::Scope,
        staff::StaffRole,
    },
    notify::memory::Memory,
    store::all_brokerages::{QueueFilter, QueueOrder, QueueView},
};

use super::{keepers::offered, pages::both, queue, review, staff};
use crate::{
    databases::{START, on_both},
    office::{fresh_key, office, portal_with},
    running::{Portal, Submission},
    world::Form,
};

/// A connection that waits for its brokerage to be accepted.
pub async fn waiting(portal: &Portal, scope: &Scope, name: &str, external_id: &str) -> Submission {
    let typed = TypedConnection {
        name: name.to_owned(),
        external_id: external_id.to_owned(),
        kind: "graph_secret".to_owned(),
    };
    let made = create_connection(&portal.app, scope, &typed, &fresh_key()).await.expect("a connection");
    Submission { scope: scope.clone(), connection: made, attempt: AttemptId::from_random([1; 16]) }
}

fn for_an_hour() -> TypedSnooze {
    TypedSnooze { length: "hour".to_owned(), ..TypedSnooze::default() }
}

on_both! {
    async fn what_is_put_off_comes_back_by_itself_and_by_something_new(database) {
        let portal = Portal::open(database).await;
        let app = &portal.app;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let auditor = staff(database, 3, "Ada", StaffRole::Auditor).await;
        let scope = office(app, "lakeshore.example").await;
        let of = waiting(&portal, &scope, "Main office", "").await;
        let needing = async || queue(app, &dana, &QueueView::Needing).await.items.len();
        let snoozed = async || queue(app, &dana, &QueueView::Snoozed).await.items.len();
        let item = &queue(app, &dana, &QueueView::Needing).await.items[0];
        assert_eq!(item.due, Some(WorkingHours::default().due(NeedRule::Acceptance, START)));

        let seen = review(app, &dana, &of).await.version;
        let refused = snooze_item(app, &auditor, &of.connection, seen, &for_an_hour()).await;
        assert!(matches!(refused, Err(Refused::Forbidden(_))), "{refused:?}");
        snooze_item(app, &dana, &of.connection, seen, &for_an_hour()).await.expect("put off");
        assert_eq!((needing().await, snoozed().await), (0, 1));
        let stale = snooze_item(app, &dana, &of.connection, seen, &for_an_hour()).await;
        assert!(matches!(stale, Err(Refused::Conflict(_))), "{stale:?}");
        let stands = review(app, &dana, &of).await;
        assert_eq!(stands.snoozed.expect("put off").by, "Dana");

        // Put off once more, for longer: the first job finds that its time has not come.
        let longer = TypedSnooze { length: "four_hours".to_owned(), ..TypedSnooze::default() };
        snooze_item(app, &dana, &of.connection, stands.version, &longer).await.expect("put off for longer");
        // Before there is a worker: on one of the databases this clock would end its leases.
        app.clock.advance(Duration::from_secs(4 * 3600 + 1));
        let worker = portal.worker();
        portal.until("it is in the queue again", async || (needing().await == 1).then_some(())).await;
        worker.stop().await;
        assert_eq!(snoozed().await, 0);
        assert_eq!(database.count("audit WHERE verb = 'item.return' AND actor = 'system'").await, 1);
        // Its term is the old one: whoever puts off gains no time.
        assert_eq!(queue(app, &dana, &QueueView::Needing).await.items[0].due, Some(WorkingHours::default().due(NeedRule::Acceptance, START)));

        let seen = review(app, &dana, &of).await.version;
        snooze_item(app, &dana, &of.connection, seen, &TypedSnooze::until_morning()).await.expect("put off");
        let note = TypedNote { text: "Who knows them?".to_owned(), kind: "question".to_owned() };
        leave_note(app, &dana, About::Connection(&of.connection), &note, &fresh_key()).await.expect("asked");
        assert_eq!((needing().await, snoozed().await), (1, 0), "something new happened");

        let seen = review(app, &dana, &of).await.version;
        snooze_item(app, &dana, &of.connection, seen, &for_an_hour()).await.expect("put off");
        assert!(matches!(wake_item(app, &auditor, &of.connection).await, Err(Refused::Forbidden(_))));
        wake_item(app, &dana, &of.connection).await.expect("taken back");
        wake_item(app, &dana, &of.connection).await.expect("is so");
        assert_eq!((needing().await, snoozed().await), (1, 0));
        assert_eq!(database.count("audit WHERE verb = 'item.wake'").await, 1);
        assert_eq!(database.count("audit WHERE verb = 'item.snooze'").await, 4);
    }

    async fn nothing_is_due_on_the_holidays_of_the_settings(database) {
        // START is a Saturday: work begins on Monday, but for this installation on Wednesday.
        let settings = "[staff]\nzone = \"UTC\"\nholidays = [\"2026-11-23\", \"2026-11-24\"]";
        let app = portal_with(database, settings, true).await;
        let portal = Portal { app, mails: Memory::default() };
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let of = waiting(&portal, &scope, "Main office", "").await;
        let item = &queue(&portal.app, &dana, &QueueView::Needing).await.items[0];
        assert_eq!(item.due.map(Instant::rfc3339).as_deref(), Some("2026-11-25T18:00:00Z"));
        let seen = review(&portal.app, &dana, &of).await.version;
        let until = snooze_item(&portal.app, &dana, &of.connection, seen, &TypedSnooze::until_morning()).await;
        assert_eq!(until.expect("put off").rfc3339(), "2026-11-25T08:00:00Z");
    }

    async fn two_who_press_at_once_and_one_hand_over(database) {
        let portal = Portal::open(database).await;
        let app = &portal.app;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let lee = staff(database, 2, "Lee", StaffRole::Support).await;
        let auditor = staff(database, 3, "Ada", StaffRole::Auditor).await;
        for one in [&dana, &lee, &auditor] {
            let role = one.roles[0].as_str();
            database.execute(&format!("INSERT INTO staff_roles (staff_id, role) VALUES ('{}', '{role}')", one.staff)).await;
        }
        let scope = office(app, "lakeshore.example").await;
        let of = waiting(&portal, &scope, "Main office", "").await;
        let seen = review(app, &dana, &of).await.version;
        let (first, second) = tokio::join!(
            take_item(app, &dana, &of.connection, seen),
            take_item(app, &lee, &of.connection, seen),
        );
        assert_eq!([&first, &second].into_iter().filter(|done| done.is_ok()).count(), 1, "{first:?} {second:?}");
        assert_eq!(database.count("audit WHERE verb = 'item.take'").await, 1);

        let stands = review(app, &dana, &of).await;
        let (has_it, other) = if first.is_ok() { (&dana, &lee) } else { (&lee, &dana) };
        assert_eq!(stands.taken.expect("somebody").staff, has_it.staff);
        for nobody in [auditor.staff.as_str(), StaffId::from_random([9; 16]).as_str(), "", "x"] {
            let refused = hand_over(app, has_it, &of.connection, stands.version, nobody).await;
            assert!(matches!(refused, Err(Refused::Fields(_))), "{nobody}: {refused:?}");
        }
        let refused = hand_over(app, &auditor, &of.connection, stands.version, dana.staff.as_str()).await;
        assert!(matches!(refused, Err(Refused::Forbidden(_))), "{refused:?}");
        hand_over(app, has_it, &of.connection, stands.version, other.staff.as_str()).await.expect("handed over");
        let stale = hand_over(app, other, &of.connection, stands.version, has_it.staff.as_str()).await;
        assert!(matches!(stale, Err(Refused::Conflict(_))), "{stale:?}");
        assert_eq!(review(app, &dana, &of).await.taken.expect("somebody").staff, other.staff);
    }

    async fn filters_are_links_and_each_can_be_taken_off(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        // From a Saturday to a Tuesday: over the weekend no term begins.
        portal.app.clock.advance(Duration::from_secs(3 * 24 * 3600));
        waiting(&portal, &scope, "Alder", "MLS-100").await;
        portal.app.clock.advance(Duration::from_secs(3600));
        let birch = waiting(&portal, &scope, "Birch", "MLS-200").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let mia = site.colleague("Mia Chen", &[StaffRole::AccountManager]).await;
        let sees = async |path: &str, names: &[&str]| {
            let page = dana.opens(path).await;
            for name in ["Alder", "Birch"] {
                let shown = page.source.contains(&format!("Lakeshore Realty: {name}"));
                assert_eq!(shown, names.contains(&name), "{name} on {path}: {}", page.text());
            }
            page
        };
        sees("/", &["Alder", "Birch"]).await;
        sees("/?q=mls-1", &["Alder"]).await;
        sees("/?external=mls-200", &["Birch"]).await;
        sees("/?external=mls-20", &[]).await.must_say("Nothing here fits all of these filters.");
        let page = dana.opens("/").await;
        let page = dana.presses(&page.form_that_says("Take"), "Take").await;
        page.must_say("You have taken it.");
        assert_eq!(page.url, "/?view=needs");
        // The first row is what was due first.
        sees("/?owner=me", &["Alder"]).await;
        sees("/?view=mine", &["Alder"]).await;
        sees("/?owner=nobody&state=draft&kind=graph_secret&rule=acceptance", &["Birch"]).await;
        sees("/?q=lakeshore&owner=nobody", &["Birch"]).await;
        sees("/?view=needs&owner=me", &["Alder"]).await;
        sees("/?state=failed", &[]).await;
        sees("/?cause=client_secret_invalid", &[]).await;
        let page = sees("/?owner=nobody&state=draft", &["Birch"]).await;
        page.must_say("State: Not submitted");
        let page = dana.opens(&page.link("Taken by nobody")).await;
        assert_eq!(page.url, "/?view=all&state=draft");
        for wrong in ["/?owner=x", "/?state=x", "/?rule=x", "/?kind=x", "/?cause=x", "/?manager=nobody"] {
            assert_eq!(dana.opens_once(wrong).await.status, 404, "{wrong}");
        }
        let long = "x".repeat(2 * 1024);
        dana.opens(&format!("/?external={long}")).await.must_say("No name is that long.");

        let of_office = dana.opens(&format!("/brokerages/{}", scope.brokerage)).await;
        let id = offered(&of_office, "Mia Chen");
        dana.sends(&of_office.form_with("manager").with("manager", &id)).await.must_say("Saved.");
        let hers = mia.opens("/?view=brokerages").await;
        hers.must_say("Birch");
        sees("/?view=brokerages", &[]).await;
        sees(&format!("/?manager={id}"), &["Alder", "Birch"]).await;

        // Whoever was slower is told who was faster, and how long ago.
        let stale = mia.opens("/?external=mls-200").await.form_that_says("Take");
        dana.presses(&dana.opens("/?external=mls-200").await.form_that_says("Take"), "Take").await;
        portal.app.clock.advance(Duration::from_secs(5));
        let page = mia.presses(&stale, "Take").await;
        assert_eq!((page.status.as_u16(), page.url.as_str()), (200, "/?view=all&external=mls-200"), "on the list");
        page.must_say("Dana Reyes has it: taken 5 s ago. Nothing was done.");
        assert!(!mia.opens("/").await.says("Nothing was done."), "told once");

        let page = dana.opens(&format!("/connections/{}", birch.connection)).await;
        page.must_say("due in ");
        let put_off = page.form_with("length");
        let wrong = dana.posts(&put_off.clone().with("length", "day").with("day", "2020-01-01")).await;
        assert_eq!(wrong.status, 422);
        wrong.must_say("Enter a time that is still to come");
        dana.sends(&put_off.with("length", "day").with("day", "2026-12-01").with("time", "09:30")).await.must_say("1 December 2026, 09:30 UTC");
        sees("/", &["Alder"]).await;
        sees("/?view=snoozed", &["Birch"]).await.must_say("put off until 1 December 2026, 09:30 UTC");
        let page = dana.opens(&format!("/connections/{}", birch.connection)).await;
        let to = offered(&page, "Mia Chen");
        dana.sends(&page.form_with("colleague").with("colleague", &to)).await.must_say("Handed over.");
        mia.opens("/?view=mine").await.must_say("Birch");

        database.execute("UPDATE connections SET queue_due = 1 WHERE queue_due IS NOT NULL").await;
        dana.opens("/").await.must_say("overdue for");
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let page = ada.opens("/").await;
        assert!(!page.html().forms().iter().any(|form| form.says("Take") || form.says("Put off")));
    }

    async fn several_are_taken_and_put_off_at_once_and_what_a_colleague_changed_is_left_alone(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let lee = staff(database, 9, "Lee", StaffRole::Support).await;
        let mut all = Vec::new();
        for name in ["Alder", "Birch", "Cedar"] {
            all.push(waiting(&portal, &scope, name, "").await);
            portal.app.clock.advance(Duration::from_secs(60));
        }
        let page = dana.opens("/").await;
        let form = page.form_that_says("Take them");
        dana.presses(&form, "Take them").await.must_say("Nothing was chosen");
        let mut ticked = form;
        for (place, of) in all.iter().enumerate() {
            let seen = review(&portal.app, &lee, of).await.version;
            ticked = ticked.with(&format!("chosen-{}", place + 1), &format!("{}.{seen}", of.connection));
        }
        // Meanwhile a colleague is faster with one of them.
        let seen = review(&portal.app, &lee, &all[1]).await.version;
        take_item(&portal.app, &lee, &all[1].connection, seen).await.expect("taken");
        let page = dana.presses(&ticked, "Take them").await;
        page.must_say("Taken: 2. Left alone: 1, which a colleague has or did something about meanwhile.");
        let mine = dana.opens("/?view=mine").await;
        assert!(mine.says("Alder") && mine.says("Cedar") && !mine.says("Birch"), "{}", mine.text());

        let mut ticked = mine.form_that_says("Put them off");
        for (place, of) in [&all[0], &all[2]].into_iter().enumerate() {
            let seen = review(&portal.app, &lee, of).await.version;
            ticked = ticked.with(&format!("chosen-{}", place + 1), &format!("{}.{seen}", of.connection));
        }
        let page = dana.presses(&ticked, "Put them off").await;
        page.must_say("Put off until the next working day: 2.");
        let snoozed = dana.opens("/?view=snoozed").await;
        assert!(snoozed.says("Alder") && snoozed.says("Cedar") && !snoozed.says("Birch"), "{}", snoozed.text());

        // What is left is handed over, to somebody of the list and to nobody else.
        let mia = site.colleague("Mia Chen", &[StaffRole::Support]).await;
        let page = dana.opens("/").await;
        let seen = review(&portal.app, &lee, &all[1]).await.version;
        let birch = format!("{}.{seen}", all[1].connection);
        let form = page.form_that_says("Hand them over").with("chosen-1", &birch);
        dana.presses(&form, "Hand them over").await.must_say("Choose a colleague beside the button first.");
        let form = form.with("colleague", &offered(&page, "Mia Chen"));
        dana.presses(&form, "Hand them over").await.must_say("Handed over: 1.");
        mia.opens("/?view=mine").await.must_say("Birch");

        // Each of them waits to be accepted only: that is nothing that support may do.
        dana.opens("/?view=acting").await.must_say("Birch");
        let none = mia.opens("/?view=acting").await;
        assert!(!none.says("Birch") && none.says("I may act on"), "{}", none.text());
        let odd = ticked.with("chosen-1", "nonsense");
        assert_eq!(dana.presses(&odd, "Put them off").await.status, 404, "what no page shows");
    }

    async fn what_is_due_at_once_stands_in_the_order_in_which_it_waits_and_acceptance_comes_last(database) {
        let (portal, site, _lab) = both(database).await;
        let app = &portal.app;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        // On a Saturday: all of it is due in the same moment. The later ones are asked about.
        let mut all = Vec::new();
        for name in ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir"] {
            let scope = office(app, &format!("{}.example", name.to_lowercase())).await;
            all.push(waiting(&portal, &scope, name, "").await);
            app.clock.advance(Duration::from_secs(60));
        }
        let lee = staff(database, 9, "Lee", StaffRole::Support).await;
        let note = TypedNote { text: "Who knows them?".to_owned(), kind: "question".to_owned() };
        for late in [&all[5], &all[3]] {
            leave_note(app, &lee, About::Connection(&late.connection), &note, &fresh_key()).await.expect("asked");
            app.clock.advance(Duration::from_secs(60));
        }
        assert_eq!(database.count("(SELECT DISTINCT queue_due FROM connections) AS due").await, 1);
        let page = dana.opens("/").await;
        let names = |page: &str| -> Vec<String> {
            let parts = page.split("Lakeshore Realty: ").skip(1);
            parts.map(|part| part.split('<').next().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(names(&page.source), ["Fir", "Dogwood", "Alder", "Birch", "Cedar", "Elm"]);
        let page = dana.opens("/?rule=acceptance").await;
        assert_eq!(names(&page.source), ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir"]);

        // Pages of two follow each other in that order.
        let (mut after, mut walked) = (None, Vec::new());
        for _ in 0..3 {
            let mut read = app.store.read().await.expect("a transaction");
            let mut reader = read.all_brokerages(&lee).expect("may read");
            let page = reader.queue(&QueueView::Needing, QueueOrder::Due, &QueueFilter::default(), after.as_ref(), 2).await.expect("a page");
            walked.extend(page.items.iter().map(|item| item.name.as_str().to_owned()));
            after = page.next;
        }
        assert_eq!((walked.join(" ").as_str(), after), ("Fir Dogwood Alder Birch Cedar Elm", None));
    }

    async fn an_office_is_accepted_in_the_queue_by_one_press(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        waiting(&portal, &scope, "Alder", "").await;
        waiting(&portal, &scope, "Birch", "").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let lee = site.colleague("Lee Park", &[StaffRole::Support]).await;
        let page = dana.opens("/").await;
        page.must_say("With an address of lakeshore.example");
        let form = page.form_that_says("Accept");
        let sent = page.source.split("name=\"accept\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let sent = sent.expect("a button").to_owned();
        // Support sees no such button, and another one's is refused.
        let theirs = lee.opens("/").await;
        assert!(!theirs.html().forms().iter().any(|form| form.says("Accept")), "{}", theirs.text());
        let accepting = |form: &Form, sent: &str| {
            let mut form = form.clone();
            form.fields.push(("accept".to_owned(), sent.to_owned()));
            form
        };
        let forged = accepting(&theirs.form_that_says("Take"), &sent);
        assert_eq!(lee.posts(&forged).await.status, 403);
        let stale = format!("{}.7", sent.split('.').next().unwrap_or_default());
        let page = dana.sends(&accepting(&form, &stale)).await;
        page.must_say("Nothing was done.");
        assert_eq!(database.count("brokerages WHERE accepted_at IS NOT NULL").await, 0);
        let page = dana.sends(&accepting(&form, &sent)).await;
        page.must_say("Accepted: Lakeshore Realty. Its people are told by e-mail.");
        page.must_say("Nothing needs you.");
        dana.sends(&accepting(&form, &sent)).await;
        assert_eq!(database.count("audit WHERE verb = 'brokerage.accept'").await, 1, "once");
        assert_eq!(database.count("mails WHERE kind = 'accepted'").await, 1);
    }

    async fn only_what_is_being_checked_counts_as_being_checked(database) {
        let (portal, site, _lab) = both(database).await;
        for (name, phase) in [("Alder", "queued"), ("Birch", "checking"), ("Cedar", "waiting_for_provider"), ("Dogwood", "needs_staff")] {
            let scope = office(&portal.app, &format!("{}.example", name.to_lowercase())).await;
            let of = waiting(&portal, &scope, name, "").await;
            database.execute(&format!("UPDATE connections SET state = 'submitted', phase = '{phase}' WHERE id = '{}'", of.connection)).await;
        }
        let dana = site.colleague("Dana Reyes", &[StaffRole::Auditor]).await;
        let page = dana.opens("/").await;
        assert!(page.says("Being checked 2") && page.says("With the provider 1"), "{}", page.text());
        let page = dana.opens("/?view=checking").await;
        assert_eq!(page.heading(), "Being checked");
        assert!(page.says(": Alder") && page.says(": Birch") && !page.says(": Cedar") && !page.says(": Dogwood"), "{}", page.text());
        let page = dana.opens("/?view=waiting&kind=graph_secret").await;
        assert!(page.says(": Cedar") && !page.says(": Alder") && !page.says(": Dogwood"), "{}", page.text());
        assert!(dana.opens("/?view=submitted").await.says(": Dogwood"), "all that are submitted, by an address of before");
    }

    async fn the_letters_are_switched_off_for_one_and_not_for_others(database) {
        let (_portal, site, _lab) = both(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let letters = async |who: &crate::world::visitor::Visitor| {
            let page = who.opens("/").await;
            assert_eq!(page.source.contains("/assets/keys."), page.says("The letters can be"), "{}", page.url);
            page.says("The letters can be")
        };
        assert!(letters(&dana).await && letters(&ada).await);
        ada.sends(&ada.opens("/account").await.form_with("keys")).await.must_say("They are off.");
        assert!(letters(&dana).await && !letters(&ada).await);
        let elsewhere = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        assert!(!letters(&elsewhere).await, "in every browser of hers");
        ada.sends(&ada.opens("/account").await.form_with("keys")).await.must_say("They are on.");
        assert!(letters(&ada).await);
    }
}
