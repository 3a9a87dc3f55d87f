//! What happened to a connection, page by page: nothing is left out, nothing stands twice, an address shows the same for ever.

use std::collections::BTreeSet;

use moxi_onboard::domain::{
    ids::{BrokerageId, ConnectionId},
    staff::StaffRole,
};

use super::pages::both;
use crate::{
    databases::{Database, START, on_both},
    office::office,
    world::Page,
};

/// Lines of the audit about a connection, one a minute from `first` on.
async fn happens(database: &Database, connection: &ConnectionId, first: i64, lines: i64) {
    let start = START.as_micros();
    database
        .execute(&format!(
            "WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {first} + {lines} - 1)
             INSERT INTO audit (id, at, actor, verb, object, detail)
             SELECT 'aud_' || substr('00000000000000000000000000', 1, 26 - length(CAST(i AS TEXT))) || CAST(i AS TEXT),
                 {start} + CAST(i AS BIGINT) * 60000000, 'system', 'attempt.submit', '{connection}', '{{\"number\":\"' || i || '\"}}' FROM n"
        ))
        .await;
}

/// Lines of the audit about a brokerage, one a minute from `first` on.
async fn happens_in(database: &Database, brokerage: &BrokerageId, verb: &str, first: i64, lines: i64) {
    let start = START.as_micros();
    database
        .execute(&format!(
            "WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {first} + {lines} - 1)
             INSERT INTO audit (id, at, actor, verb, object, brokerage_id, detail)
             SELECT 'aud_' || substr('00000000000000000000000000', 1, 26 - length(CAST(i AS TEXT))) || CAST(i AS TEXT),
                 {start} + CAST(i AS BIGINT) * 60000000, 'system', '{verb}', '{brokerage}', '{brokerage}', '{{\"number\":\"' || i || '\"}}' FROM n"
        ))
        .await;
}

/// The numbers that a page tells of, in its order.
fn told(page: &Page) -> Vec<i64> {
    let words = |item: &String| {
        let (_, rest) = item.split_once("Attempt ")?;
        rest.split_whitespace().next()?.parse().ok()
    };
    page.html().all("b").iter().filter_map(words).collect()
}

on_both! {
    async fn each_thing_stands_on_one_page_and_a_page_stays_as_it_is(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let other = portal.connection(&scope, "Second office").await;
        happens(database, &connection, 1, 120).await;
        happens(database, &other, 1001, 5).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Auditor]).await;
        let first = dana.opens(&format!("/connections/{connection}")).await;
        let mut seen = told(&first);
        assert_eq!((seen.len(), seen[0]), (50, 120), "the latest stands first");
        let second_at = first.link("What happened earlier");
        assert!(second_at.contains("/timeline?before="), "{second_at}");
        let second = dana.opens(&second_at).await;
        assert_eq!(told(&second).len(), 50);
        let third = dana.opens(&second.link("What happened earlier")).await;
        third.must_say("Connection LKS-");
        assert!(!third.html().links().iter().any(|(_, words)| words == "What happened earlier"), "it is the last one");
        seen.extend(told(&second));
        seen.extend(told(&third));
        assert_eq!(seen, (1..=120).rev().collect::<Vec<_>>());
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 120);

        // What happens later changes the first page and no other.
        happens(database, &connection, 121, 10).await;
        assert_eq!(told(&dana.opens(&second_at).await), told(&second));
        assert_eq!(told(&dana.opens(&format!("/connections/{connection}/timeline")).await)[0], 130);
    }

    async fn what_happened_at_the_same_time_is_told_once_and_whole(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        // The clock stands: sixty notes and what the audit says of them have one time.
        for number in 0..60 {
            let form = dana.opens(&format!("/connections/{connection}")).await.form_with("text");
            dana.posts(&form.with("text", &format!("Note number {number}."))).await;
        }
        let (mut at, mut found) = (format!("/connections/{connection}/timeline"), Vec::new());
        for _ in 0..6 {
            let page = dana.opens(&at).await;
            found.extend(page.html().all("p").into_iter().filter(|text| text.contains("Note number")));
            let links = page.html().links();
            let Some((older, _)) = links.into_iter().find(|(_, words)| words == "What happened earlier") else { break };
            at = older;
        }
        assert_eq!((found.len(), found.iter().collect::<BTreeSet<_>>().len()), (60, 60), "{found:?}");
    }

    async fn a_place_that_is_none_and_whoever_is_nobody_see_nothing(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let path = format!("/connections/{connection}/timeline");
        for place in ["x", "1.9.aud_x", "-1.0.aud_x", "1.0.a'b", "1.0.%00", "99999999999999999999.0.aud_x"] {
            assert_eq!(dana.opens_once(&format!("{path}?before={place}")).await.status, 404, "{place}");
        }
        let nothing = dana.opens(&format!("{path}?before=0.0.aud_x")).await;
        nothing.must_say("Nothing more");
        assert_eq!(dana.opens_once("/connections/con_00000000000000000000000000/timeline").await.status, 404);
        assert_eq!(site.visitor().opens_once(&path).await.status, 303);
    }

    async fn a_brokerage_is_told_of_page_by_page_behind_any_number_of_sign_ins(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let other = office(&portal.app, "harbor.example").await;
        portal.connection(&scope, "Main office").await;
        happens_in(database, &scope.brokerage, "attempt.submit", 1, 70).await;
        // More sign-ins than one page looks through, and some of another office's doings.
        happens_in(database, &scope.brokerage, "person.sign_in", 100, 1100).await;
        happens_in(database, &scope.brokerage, "attempt.submit", 2000, 40).await;
        happens_in(database, &other.brokerage, "attempt.submit", 3000, 5).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Auditor]).await;
        let first = dana.opens(&format!("/brokerages/{}", scope.brokerage)).await;
        let mut seen = told(&first);
        assert_eq!((seen.len(), seen.first()), (40, Some(&2039)), "the latest stands first");
        let at = first.link("What happened earlier");
        assert!(at.contains("/timeline?before="), "{at}");
        let (mut next, mut pages, mut texts) = (at.clone(), 1, String::new());
        loop {
            let page = dana.opens(&next).await;
            assert!(!page.says("person.sign_in"), "{}", page.text());
            seen.extend(told(&page));
            texts.push_str(&page.text());
            pages += 1;
            let links = page.html().links();
            let Some((older, _)) = links.into_iter().find(|(_, words)| words == "What happened earlier") else { break };
            assert!(pages < 9, "it never ends: {older}");
            next = older;
        }
        assert_eq!(seen, (2000..2040).rev().chain((1..=70).rev()).collect::<Vec<_>>());
        assert!(texts.contains("Connection LKS-"), "down to its first day: {texts}");
        let again = dana.opens(&at).await.text();
        happens_in(database, &scope.brokerage, "attempt.submit", 4000, 3).await;
        assert_eq!(dana.opens(&at).await.text(), again, "what happens later changes no older page");
        for place in ["x", "1.9.aud_x", "1.0.a'b"] {
            assert_eq!(dana.opens_once(&format!("/brokerages/{}/timeline?before={place}", scope.brokerage)).await.status, 404);
        }
        assert_eq!(dana.opens_once("/brokerages/brk_00000000000000000000000000/timeline").await.status, 404);
    }

    async fn a_note_about_a_brokerage_stands_there_sealed_and_on_no_connection(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let ines = site.colleague("Ines Falk", &[StaffRole::Auditor]).await;
        let at = format!("/brokerages/{}", scope.brokerage);
        let page = dana.opens(&at).await;
        let form = page.form_that_says("Leave the note");
        let empty = dana.posts(&form.clone().with("text", " ")).await;
        assert_eq!(empty.status, 422);
        empty.must_say("Enter your note");
        let secret = dana.posts(&form.clone().with("text", "it is Xq18Q~Needle.In_The-Haystack0123456789abc")).await;
        assert_eq!(secret.status, 422);
        let typed = form.with("text", "<b>They</b> move offices in March.");
        dana.sends(&typed).await.must_say("Your note is kept.");
        dana.sends(&typed).await;
        assert_eq!(database.count("notes WHERE connection_id IS NULL").await, 1, "the same form again leaves nothing");
        for page in [ines.opens(&at).await, ines.opens(&format!("{at}/timeline")).await] {
            page.must_say("<b>They</b> move offices in March.");
            page.must_say("Dana Reyes");
        }
        let theirs = ines.opens(&at).await;
        assert!(!theirs.html().forms().iter().any(|form| form.says("Leave the note")));
        let token = theirs.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        assert_eq!(ines.posts(&typed.clone().with("csrf", &token)).await.status, 403);
        let connection = portal.connection(&scope, "Main office").await;
        assert!(!dana.opens(&format!("/connections/{connection}")).await.says("move offices"), "it is the brokerage's");
        let form = dana.opens(&format!("/connections/{connection}")).await.form_with("text");
        dana.sends(&form.with("text", "This one is for the agents.")).await;
        let page = dana.opens(&at).await;
        page.must_say("This one is for the agents.");
        page.must_say("move offices in March.");
        let rows = crate::world::rows::everything(database).await;
        let needle = b"move offices";
        assert!(!rows.iter().any(|(_, bytes)| bytes.windows(needle.len()).any(|part| part == needle)), "it stands in clear");
    }
}
