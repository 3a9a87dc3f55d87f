//! Two brokerages never see each other's things: every route, for everybody.

use crate::{
    databases::on_both,
    world::{Form, Page, World},
};

on_both! {
    async fn nobody_reaches_what_belongs_to_another_brokerage(database) {
        let world = World::start(database).await;
        let (ours, theirs) = (world.admin("healthy"), world.admin("healthy-large"));
        ours.begins().await;
        let form = ours.creates_connection("Main office").await;
        let review = ours.enters(&form, &ours.credential()).await;
        let status = ours.submits(&review).await;
        let status = ours.sees_the_end(&status).await;
        assert_eq!(ours.verdict(&status), "verified");
        world.mailbox.gets(ours.address(), "Verified").await;
        let open = ours.creates_connection("Second office").await;
        let review = ours.enters(&open, &ours.credential()).await;
        theirs.begins().await;

        let pages = pages_of(&[&form, &review, &status, &open, &ours.browser.opens("/overview").await]);
        assert!(pages.len() >= 3, "{pages:?}");
        let anonymous = world.anonymous();
        for page in &pages {
            let own = ours.browser.opens_once(page).await;
            assert!(own.status.is_success() || own.status.is_redirection(), "own {page}: {}", own.status);
            let foreign = theirs.browser.opens_once(page).await;
            assert_eq!(foreign.status, 404, "theirs {page}");
            let unknown = theirs.browser.opens_once(&unknown(page)).await;
            assert_eq!(unknown.status, 404, "unknown {page}");
            assert_eq!(foreign.text(), unknown.text().as_str(), "both look the same: {page}");
            must_ask_to_sign_in(&anonymous.opens_once(page).await, page);
        }
        let bare = |ending: &str| Form {
            action: review.form_with("seen").action.replace("/submit", ending),
            ..review.form_with("seen")
        };
        let forms = [open.form_with("client_secret"), review.form_with("seen"), bare("/attempts"), bare("/check")];
        for form in forms {
            // Their own token and key, our address: everything is in order but the owner.
            let token = theirs.browser.opens("/connections/new").await.form_with("csrf");
            let mut foreign = form.clone().with("csrf", token.value("csrf").expect("a token"));
            foreign.action.clone_from(&form.action);
            let refused = theirs.browser.posts(&foreign).await;
            assert_eq!(refused.status, 404, "theirs {}", form.action);
            let token = anonymous.opens("/sign-in").await.form_with("csrf");
            let foreign = form.clone().with("csrf", token.value("csrf").expect("a token"));
            must_ask_to_sign_in(&anonymous.posts(&foreign).await, &form.action);
        }
        theirs.browser.opens("/overview").await.html().links().iter().for_each(|(url, _)| {
            assert!(!pages.contains(url), "their overview leads to {url}");
        });
        world.ends_well().await;
    }
}

/// The addresses of one thing that these pages have or lead to.
fn pages_of(pages: &[&Page]) -> Vec<String> {
    let own = pages.iter().map(|page| page.url.clone());
    let links = pages.iter().flat_map(|page| page.html().links().into_iter().map(|(url, _)| url));
    let mut all: Vec<_> = own
        .chain(links)
        .map(|url| url.split('#').next().unwrap_or_default().to_owned())
        .filter(|url| url.contains("con_") || url.contains("att_") || url.contains("chk_"))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// The same address of a thing that is nobody's.
fn unknown(url: &str) -> String {
    let at = url.find('_').expect("an id") + 1;
    format!("{}{}{}", &url[..at], "0".repeat(26), &url[at + 26..])
}

fn must_ask_to_sign_in(page: &Page, what: &str) {
    let to = page.headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
    let asked =
        (page.status == 303 && to.starts_with("/sign-in")) || page.status == 403 || page.status == 401;
    assert!(asked, "anonymous {what}: {} {to}", page.status);
}
