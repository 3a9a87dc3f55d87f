//! One check to the last detail: its page, the same as a file, and who may not see it.

use moxi_onboard::domain::{connection::State, staff::StaffRole};
use reqwest::Method;

use super::pages::both;
use crate::{databases::on_both, world::visitor::Visitor};

async fn file(of: &Visitor, page: &str) -> (reqwest::header::HeaderMap, String) {
    let answer =
        of.request(Method::GET, &format!("{page}/transcript.ndjson")).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let headers = answer.headers().clone();
    (headers, answer.text().await.expect("text"))
}

on_both! {
    async fn a_failed_check_is_read_step_by_step_and_as_a_file_by_an_auditor(database) {
        let (portal, site, lab) = both(database).await;
        let worker = portal.worker();
        let sample = lab.sample("secret-wrong");
        let of = portal.newcomer(&sample).await;
        portal.settles(&of, State::Failed, None).await;
        worker.stop().await;
        let other = portal.newcomer(&lab.sample("healthy")).await;

        let ines = site.colleague("Ines Falk", &[StaffRole::Auditor]).await;
        let connection = ines.opens(&format!("/connections/{}", of.connection)).await;
        let page = ines.opens(&connection.link("Everything about this check")).await;
        assert_eq!((page.status.as_u16(), page.heading().as_str()), (200, "Check of attempt 1"));
        for words in ["Failed (here)", "HTTP status", "AADSTS7000215", "client_secret_invalid", "refused", "Took"] {
            page.must_say(words);
        }
        assert_eq!(page.link("What Microsoft says of this code"), "https://login.microsoftonline.com/error?code=7000215");
        assert!(!page.source.contains(&sample.client_secret), "the secret stands on the page");
        assert!(page.html().forms().iter().all(|form| !form.action.contains("/connections/")), "an auditor changes nothing");

        let (headers, text) = file(&ines, &page.url).await;
        assert_eq!(headers["content-type"], "application/x-ndjson; charset=utf-8");
        let named = headers["content-disposition"].to_str().expect("text");
        assert!(named.starts_with("attachment; filename=\"check-chk_") && named.ends_with(".ndjson\""), "{named}");
        assert!(!text.contains(&sample.client_secret), "the secret stands in the file");
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let kinds: Vec<&str> = lines.iter().filter_map(|line| line["line"].as_str()).collect();
        assert_eq!((kinds[0], kinds[1], kinds[kinds.len() - 1]), ("check", "sign_in", "verdict"), "{text}");
        assert_eq!((&lines[1]["accepted"], &lines[kinds.len() - 1]["cause"]), (&false.into(), &"client_secret_invalid".into()));
        let token = lines.iter().find(|line| line["step"] == "token").expect("the sign-in");
        assert!(token["facts"].to_string().contains("AADSTS7000215") && token["elapsed_us"].is_u64(), "{token}");

        // A check is found on the page of its own connection and nowhere else.
        let check = page.url.rsplit('/').next().expect("an id").to_owned();
        for path in [format!("/connections/{}/checks/{check}", other.connection), format!("/connections/{}/checks/x", of.connection)] {
            assert_eq!(ines.opens_once(&path).await.status, 404, "{path}");
            assert_eq!(ines.opens_once(&format!("{path}/transcript.ndjson")).await.status, 404, "{path}");
        }
        for path in [page.url.clone(), format!("{}/transcript.ndjson", page.url)] {
            let stranger = site.visitor().opens_once(&path).await;
            assert!(stranger.status == 303 && stranger.headers["location"].to_str().expect("text").starts_with("/sign-in"), "{path}");
        }
    }

    async fn a_check_that_waits_has_a_page_that_says_so(database) {
        let (portal, site, lab) = both(database).await;
        let of = portal.newcomer(&lab.sample("healthy")).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let connection = dana.opens(&format!("/connections/{}", of.connection)).await;
        let page = dana.opens(&connection.link("Everything about this check")).await;
        page.must_say("No worker has taken it up yet.");
        page.must_say("Queued (here)");
        let (_, text) = file(&dana, &page.url).await;
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}
