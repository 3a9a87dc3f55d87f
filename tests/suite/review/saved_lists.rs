//! Lists of the queue with a name: saved, seen by whom they are for, copied, changed, removed; and what is left of one that a
//! later version does not understand whole.

use moxi_onboard::domain::staff::StaffRole;

use crate::{
    databases::{Database, on_both},
    rows::texts,
    staff_site::StaffSite,
    world::{Form, Page, visitor::Visitor},
};

const HOSTILE: &str = "</a><script>x</script>\"'&";

/// What the fold of the queue sends, with this name.
async fn fold(who: &Visitor, path: &str, name: &str) -> Form {
    who.opens(path).await.form_that_says("Save the list").with("name", name)
}

fn shared(form: Form) -> Form {
    form.with("shared", "yes")
}

/// The saved lists that stand on the queue: address and words.
fn saved(page: &Page) -> Vec<(String, String)> {
    let part = page.source.split("aria-label=\"Saved lists\"").nth(1).unwrap_or_default();
    let part = part.split("</nav>").next().unwrap_or_default();
    let part = Page {
        source: part.to_owned(),
        url: page.url.clone(),
        headers: page.headers.clone(),
        status: page.status,
    };
    part.html().links().into_iter().filter(|(url, _)| url.starts_with("/?")).collect()
}

async fn text(database: &Database, query: &str) -> String {
    texts(database, query).await.pop().expect("a row")
}

async fn page_of(database: &Database, name: &str) -> String {
    let id = text(database, &format!("SELECT id FROM saved_views WHERE name = '{name}'")).await;
    format!("/saved-lists/{id}")
}

on_both! {
    async fn a_list_is_saved_under_a_name_and_is_nobody_elses_until_its_maker_says_so(database) {
        let site = StaffSite::open(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let lee = site.colleague("Lee <b>Park</b>", &[StaffRole::Auditor]).await;
        let path = "/?view=failed&kind=graph_secret&owner=me&order=longest";
        let form = fold(&dana, path, &format!("  Mine   that {HOSTILE} ")).await;
        let page = dana.sends(&form).await;
        page.must_say("The list is saved.");
        assert_eq!((page.url.as_str(), page.heading().as_str()), (path, "Failed"));
        assert_eq!(saved(&page), [(path.to_owned(), format!("Mine that {HOSTILE}"))]);
        assert!(!page.source.contains("<script>x"), "{}", page.source);
        assert_eq!(page.source.matches("aria-current=\"page\">Mine that").count(), 1);
        dana.sends(&form).await.must_say("The list is saved.");
        assert_eq!(database.count("saved_views").await, 1, "the same form again keeps nothing");
        let other = dana.posts(&form.clone().with("name", "Another")).await;
        assert_eq!(other.status, 422);
        other.must_say("This form was sent before with other content");
        assert!(dana.posts(&form.clone().with("csrf", "x")).await.status == 403);

        // Nobody else has it: not beside the queue, not on the page of all, not by its address.
        let one = format!("/saved-lists/{}", text(database, "SELECT id FROM saved_views").await);
        assert!(saved(&lee.opens("/").await).is_empty());
        lee.opens("/saved-lists").await.must_say("There are none.");
        for path in [one.clone(), format!("/?saved={}", one.rsplit('/').next().expect("an id"))] {
            assert_eq!(lee.opens_once(&path).await.status, 404, "{path}");
        }
        let page = dana.opens(&one).await;
        page.must_say("Failed, Mail system: Microsoft 365");
        let sees = lee.opens("/saved-lists").await;
        let token = sees.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        let theirs = |form: Form| form.with("csrf", &token);
        let (change, remove) = (page.form_that_says("Save"), page.form_that_says("Remove this list"));
        for form in [change.clone(), remove.clone()] {
            assert_eq!(lee.posts(&theirs(form)).await.status, 404);
        }

        // What does not fit is shown again as it was typed.
        for (name, why) in [("", "Enter the name of the list"), (&"x".repeat(41), "Shorten the name of the list to 40"), ("a\u{202e}b", "cannot be seen")] {
            let page = dana.posts(&change.clone().with("name", name).with("shared", "yes")).await;
            assert_eq!(page.status, 422, "{name}");
            page.must_say(why);
            let form = page.form_that_says("Save");
            assert_eq!((form.value("name"), form.value("shared")), (Some(name), Some("yes")));
        }
        let page = dana.sends(&shared(change.clone()).with("name", "Team list")).await;
        assert_eq!(page.url, "/saved-lists");
        page.must_say("All who see the queue");
        dana.sends(&shared(change.clone()).with("name", "Team list")).await.must_say("Saved.");
        let stale = dana.opens(&one).await.form_that_says("Save").with("seen", "1");
        assert_eq!(dana.posts(&stale).await.status, 409);

        // Now they see whose it is, and "me" is whoever reads.
        let page = lee.opens("/").await;
        assert_eq!(saved(&page), [(path.to_owned(), "Team list (Dana Reyes)".to_owned())]);
        let page = lee.opens(&lee.opens("/saved-lists").await.link("Copy Team list")).await;
        page.must_say("Made by Dana Reyes");
        assert!(!page.html().forms().iter().any(|form| form.says("Remove this list")));
        let copied = lee.sends(&page.form_that_says("Keep a copy")).await;
        assert_eq!(saved(&copied), [(path.to_owned(), "Team list".to_owned()), (path.to_owned(), "Team list (Dana Reyes)".to_owned())]);
        assert_eq!(saved(&dana.opens("/").await).len(), 1, "the copy is its maker's alone");
        let seen = dana.opens(&one).await.form_that_says("Remove this list");
        for form in [change, seen.clone()] {
            assert_eq!(lee.posts(&theirs(form)).await.status, 403);
        }

        // An owner removes what is everybody's, and whoever lost every role leaves it behind.
        site.colleague("Dana Reyes", &[]).await;
        assert_eq!(saved(&lee.opens("/").await).len(), 2);
        let olga = site.colleague("Olga Ops", &[StaffRole::Owner]).await;
        let page = olga.opens(&one).await;
        olga.sends(&page.form_that_says("Remove this list")).await.must_say("The list is removed.");
        olga.sends(&page.form_that_says("Remove this list")).await.must_say("The list is removed.");
        assert_eq!(saved(&lee.opens("/").await).len(), 1);
        let verbs = ["view.save", "view.change", "view.remove"];
        let mut lines = Vec::new();
        for verb in verbs {
            lines.push(database.count(&format!("audit WHERE verb = '{verb}' AND actor = 'staff'")).await);
        }
        assert_eq!(lines, [2, 1, 1], "{verbs:?}");
    }

    async fn names_are_a_persons_own_and_twenty_are_the_most(database) {
        let site = StaffSite::open(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let lee = site.colleague("Lee Park", &[StaffRole::Support]).await;
        for number in 1..=20 {
            dana.sends(&fold(&dana, "/?view=all", &format!("List {number}")).await).await.must_say("The list is saved.");
        }
        let page = dana.posts(&shared(fold(&dana, "/?q=pine&order=newest", " LIST  7 ").await)).await;
        assert_eq!(page.status, 422);
        page.must_say("You have a list of this name already");
        let form = page.form_that_says("Save the list");
        assert_eq!((form.value("name"), form.value("shared"), form.value("query")), (Some(" LIST  7 "), Some("yes"), Some("q=pine&order=newest")));
        let page = dana.posts(&form.with("name", "List 21")).await;
        page.must_say("You have 20 saved lists");
        assert_eq!((page.status.as_u16(), database.count("saved_views").await), (422, 20));
        lee.sends(&fold(&lee, "/?view=all", "list 7").await).await.must_say("The list is saved.");
        let one = dana.opens(&page_of(database, "List 3").await).await;
        assert_eq!(dana.posts(&one.form_that_says("Save").with("name", "list 7")).await.status, 422);
        dana.sends(&one.form_that_says("Save").with("name", "LIST 3")).await.must_say("Saved.");
        dana.sends(&dana.opens(&page_of(database, "LIST 3").await).await.form_that_says("Remove this list")).await;
        dana.sends(&fold(&dana, "/?view=all", "List 21").await).await.must_say("The list is saved.");
        // Two windows at once have one name once, and the last place once.
        let (one, other) = (fold(&lee, "/?view=all", "Twice").await, fold(&lee, "/?view=mine", "TWICE").await);
        let (one, other) = tokio::join!(lee.posts(&one), lee.posts(&other));
        let mut came = [one.status.as_u16(), other.status.as_u16()];
        came.sort_unstable();
        assert_eq!(came, [303, 422]);
    }

    async fn what_is_kept_is_written_by_us_and_what_is_not_known_any_more_is_said(database) {
        let site = StaffSite::open(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let form = fold(&dana, "/?view=failed", "Raw").await;
        for query in ["view=failed&evil=1", "view=x", "view=failed&after=con_1.5", "saved=x", "order=x", "kind=%3Cscript%3E", &format!("q={}", "x".repeat(500))] {
            let page = dana.posts(&form.clone().with("query", query)).await;
            assert_eq!(page.status, 422, "{query}");
            assert!(!page.source.contains("<script>"));
        }
        assert_eq!(database.count("saved_views").await, 0);
        dana.sends(&form.with("query", "order=newest&kind=graph_secret&&view=failed&state=&q=+%3Cb%3E+")).await.must_say("The list is saved.");
        assert_eq!(text(database, "SELECT query FROM saved_views").await, "q=%20%3Cb%3E%20&kind=graph_secret&order=newest");

        database.execute("UPDATE saved_views SET query = 'view=failed&kind=carrier_pigeon&colour=%3Cred%3E&owner=nobody&order=random'").await;
        let chips = saved(&dana.opens("/").await);
        assert!(chips[0].0.starts_with("/?saved=view_"), "{chips:?}");
        let page = dana.opens(&chips[0].0).await;
        assert_eq!(page.heading(), "Failed");
        page.must_say("Left out are: kind carrier_pigeon, colour <red>, order random.");
        page.must_say("Taken by nobody");
        assert_eq!(saved(&page).len(), 1);
        assert_eq!(page.form_that_says("Save the list").value("query"), Some("view=failed&owner=nobody"));
        database.execute("UPDATE saved_views SET query = '%%%FF'").await;
        let page = dana.opens(&saved(&dana.opens("/").await)[0].0).await;
        assert_eq!((page.status.as_u16(), page.heading().as_str()), (200, "Needs a human"));
        page.must_say("Left out");
        for wrong in ["/?saved=x", "/?saved=view_00000000000000000000000000", "/saved-lists/x", "/saved-lists/view_00000000000000000000000000"] {
            assert_eq!(dana.opens_once(wrong).await.status, 404, "{wrong}");
        }
    }
}
