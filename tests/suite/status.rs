//! The page of a connection: what it says of each outcome, how it tells steps as they end, and to whom.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode, header},
};
use http_body_util::BodyExt as _;
use moxi_onboard::{
    domain::{
        connection::{Phase, State},
        mail::MailKind,
        refused::Refused,
        scope::Scope,
    },
    http::{portal, serve::Stopping, session},
    simulator::{ALWAYS, Fault, Operation, Target},
    store::{Quiet, Sessions},
    telemetry::Metrics,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tower_sessions::Session;

use crate::{
    attempts::person,
    databases::on_both,
    running::{Portal, Submission},
    staff_site::portal_of,
    verification::lab::Lab,
};

/// A signed-in browser.
struct Reader {
    site: Router,
    cookie: String,
    stop: CancellationToken,
}

impl Reader {
    async fn of(portal: &Portal, scope: &Scope) -> Self {
        let sessions = Sessions::new(portal.app.store.clone());
        let session = Session::new(None, Arc::new(sessions), None);
        session::sign_in(&session, scope, &portal.app.clock, &HeaderMap::new()).await.expect("signed in");
        session.save().await.expect("saved");
        let cookie = format!("{}={}", session::PORTAL_COOKIE, session.id().expect("an id"));
        Self {
            site: portal::site(portal.app.clone(), Metrics::new()),
            cookie,
            stop: CancellationToken::new(),
        }
    }

    async fn ask(&self, request: axum::http::request::Builder, body: Body) -> Response<Body> {
        let request = request
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, &self.cookie)
            .extension(Stopping(self.stop.clone()))
            .body(body)
            .expect("a request");
        self.site.clone().oneshot(request).await.expect("an answer")
    }

    async fn get(&self, path: &str) -> Response<Body> {
        self.ask(Request::get(path), Body::empty()).await
    }

    async fn page(&self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        text(response).await
    }

    /// Presses a button of the page: its hidden fields go along, and the visitor's cookie that came with them.
    async fn press(&mut self, page: &str, action: &str) -> Response<Body> {
        let response = self.get(page).await;
        for line in response.headers().get_all(header::SET_COOKIE) {
            let pair = line.to_str().expect("text").split(';').next().unwrap_or_default();
            self.cookie = format!("{}; {pair}", self.cookie);
        }
        let html = text(response).await;
        let form = html.split(&format!("action=\"{action}\"")).nth(1).expect("the form");
        let form = form.split("</form>").next().expect("its end");
        let fields: Vec<String> = ["csrf", "seen"]
            .iter()
            .filter_map(|name| {
                let value = form.split(&format!("name=\"{name}\" value=\"")).nth(1)?.split('"').next()?;
                Some(format!("{name}={value}"))
            })
            .collect();
        let request = Request::post(action)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, Body::from(fields.join("&"))).await
    }
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads server-sent events until `most` have ids, or the stream ends.
async fn events(response: Response<Body>, most: usize) -> Vec<(String, String)> {
    let kind = response.headers().get(header::CONTENT_TYPE).cloned();
    if kind.as_ref().is_none_or(|kind| kind != "text/event-stream") {
        panic!("{} {kind:?}: {}", response.status(), text(response).await);
    }
    assert!(response.headers().get(header::CONTENT_ENCODING).is_none());
    let mut body = response.into_body();
    let (mut found, mut rest) = (Vec::new(), String::new());
    while let Some(frame) = body.frame().await {
        rest.push_str(&String::from_utf8_lossy(frame.expect("a piece").data_ref().expect("data")));
        while let Some((event, more)) = rest.clone().split_once("\n\n") {
            let field = |name: &str| {
                event.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
            };
            if let (Some(name), Some(id)) = (field("event:"), field("id:")) {
                found.push((name, id));
            }
            rest = more.to_owned();
            if found.len() >= most {
                return found;
            }
        }
    }
    found
}

fn path(of: &Submission) -> String {
    format!("/connections/{}", of.connection)
}

/// The address of the events that the page names.
fn events_of(html: &str) -> String {
    let found = html.split("data-events=\"").nth(1).and_then(|rest| rest.split('"').next());
    found.expect("the page names its events").replace("&#38;", "&").replace("&amp;", "&")
}

on_both! {
    async fn each_outcome_says_what_happened_and_what_to_do(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let (healthy, wrong, away) = (lab.sample("healthy"), lab.sample("secret-wrong"), lab.sample("waiting"));
        let mut cases = Vec::new();
        for sample in [&healthy, &wrong, &away] {
            let scope = portal.office(&sample.tenant_domain).await;
            cases.push(portal.submit(&scope, sample).await);
        }
        let reader = Reader::of(&portal, &cases[0].scope).await;
        let queued = reader.page(&path(&cases[0])).await;
        assert!(queued.contains("Waiting for its check") && queued.contains("LKS-0001-1"), "{queued}");
        assert!(queued.contains("Iris@"), "it says who gets the mail");
        let worker = portal.worker();
        portal.settles(&cases[0], State::Verified, None).await;
        portal.settles(&cases[1], State::Failed, None).await;
        portal.settles(&cases[2], State::Submitted, Some(Phase::WaitingForProvider)).await;
        worker.stop().await;

        let verified = reader.page(&path(&cases[0])).await;
        assert!(verified.contains("Verified: healthy is connected") && verified.contains("Incoming mail is neither"), "{verified}");
        assert!(!verified.contains("data-events") && !verified.contains("Check again"));
        assert_eq!(verified.matches("data-outcome=").count(), 13, "{verified}");
        assert!(!verified.contains("data-outcome=\"failed\"") && !verified.contains("data-outcome=\"waiting\""));

        let reader = Reader::of(&portal, &cases[1].scope).await;
        let failed = reader.page(&path(&cases[1])).await;
        assert!(failed.contains("Enter the new client secret (attempt 2)"), "{failed}");
        assert!(!failed.contains("Check again"), "a wrong secret is not tried again by a press");
        assert!(failed.contains("What worked") && failed.contains("Who can mend it"));
        assert_eq!(failed.matches("<details open").count(), 1);
        assert!(!failed.contains(&wrong.client_secret));

        let reader = Reader::of(&portal, &cases[2].scope).await;
        let waiting = reader.page(&path(&cases[2])).await;
        assert!(waiting.contains("We look again by ourselves") && waiting.contains("10:47 UTC"), "{waiting}");
        assert!(waiting.contains("Check again") && waiting.contains("data-events"));
    }

    async fn nobody_else_sees_any_of_it(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await;
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let owner = Reader::of(&portal, &submission.scope).await;
        let events = events_of(&owner.page(&path(&submission)).await);
        let stranger = Reader::of(&portal, &portal.office("other.example").await).await;
        let at = path(&submission);
        for address in [at.clone(), format!("{at}/live"), events.clone(), format!("{at}/events"), "/connections/con_x".to_owned()] {
            assert_eq!(stranger.get(&address).await.status(), 404, "{address}");
        }
        // The check of one connection is not told under the address of another.
        let other = portal.connection(&submission.scope, "second").await;
        let crossed = events.replace(submission.connection.as_str(), other.as_str());
        assert_eq!(owner.get(&crossed).await.status(), 404);
        let signed_out = Reader { cookie: String::new(), site: owner.site.clone(), stop: CancellationToken::new() };
        for address in [at.clone(), format!("{at}/live"), events] {
            let answer = signed_out.get(&address).await;
            assert_eq!(answer.status(), 303, "{address}");
        }
    }

    async fn a_resumed_stream_has_no_gap_and_never_goes_back(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let reader = Reader::of(&portal, &submission.scope).await;
        let address = events_of(&reader.page(&path(&submission)).await);
        let worker = portal.worker();
        // The line breaks after every third event; each time the browser says what it saw last.
        let mut seen: Vec<(String, String)> = Vec::new();
        while seen.last().is_none_or(|(name, _)| name != "decided") {
            let mut request = Request::get(&address);
            if let Some((_, id)) = seen.last() {
                request = request.header("last-event-id", id);
            }
            let more = events(reader.ask(request, Body::empty()).await, 3).await;
            assert!(!more.is_empty(), "a stream ends only when it is decided: {seen:?}");
            seen.extend(more);
        }
        worker.stop().await;
        let steps: Vec<&str> = seen.iter().filter(|(name, _)| name == "step").map(|(_, id)| id.as_str()).collect();
        let expected: Vec<String> = (1..=13).map(|seq| format!("1.{seq}")).collect();
        assert_eq!(steps, expected);
        assert_eq!(seen[0], ("run".to_owned(), "1.0".to_owned()));
        assert_eq!(seen.last(), Some(&("decided".to_owned(), "1.13".to_owned())));
        // Whoever comes when all is over hears the rest at once.
        let request = Request::get(&address).header("last-event-id", "1.11");
        let late = events(reader.ask(request, Body::empty()).await, 99).await;
        assert_eq!(late.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>(), ["1.12", "1.13", "1.13"]);
    }

    async fn a_check_that_begins_again_tells_its_run(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let reader = Reader::of(&portal, &submission.scope).await;
        let address = events_of(&reader.page(&path(&submission)).await);
        lab.simulator.inject(Target::Tenant(sample.name.clone(), Operation::ContactCreate), Fault::Hang, 1);
        let doomed = portal.worker();
        let before = events(reader.get(&address).await, 4).await;
        lab.simulator.wait_for(|seen| seen.operation == Operation::ContactCreate).await;
        doomed.kill().await;
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let worker = portal.worker();
        let again = || Request::get(&address).header("last-event-id", &before.last().expect("some").1);
        // A crowded database answers 503 by design: after five seconds without a free connection. Once, on a machine
        // under load, a page came here instead of the stream; that was not seen again, and why is not known. Whatever
        // else it may be is shown by the panic of whoever reads the stream.
        let mut answer = reader.ask(again(), Body::empty()).await;
        for _ in 0..10 {
            if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
                break;
            }
            answer = reader.ask(again(), Body::empty()).await;
        }
        let after = events(answer, 99).await;
        worker.stop().await;
        let first_of_second = after.iter().position(|(_, id)| id.starts_with("2.")).expect("a second run");
        assert_eq!(after[first_of_second], ("run".to_owned(), "2.0".to_owned()));
        assert!(after[first_of_second..].iter().all(|(_, id)| id.starts_with("2.")), "{after:?}");
        let told: BTreeSet<&String> = after[first_of_second..].iter().filter(|(name, _)| name == "step").map(|(_, id)| id).collect();
        assert_eq!(told.len(), 13);
        assert!(reader.page(&path(&submission)).await.contains("interrupted on our side"));
    }

    async fn without_scripts_the_list_grows_and_ends_with_the_result(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let reader = Reader::of(&portal, &submission.scope).await;
        let live = format!("{}/live", path(&submission));
        let answer = reader.get(&live).await;
        assert!(answer.headers().get(header::CONTENT_ENCODING).is_none());
        let mut body = answer.into_body();
        let head = body.frame().await.expect("a piece").expect("a piece").into_data().expect("data");
        let head = String::from_utf8_lossy(&head).into_owned();
        assert!(head.contains("<h1>Checking your access</h1>") && !head.contains("<li id="), "{head}");
        let worker = portal.worker();
        let mut pieces = Vec::new();
        while let Some(frame) = body.frame().await {
            let data = frame.expect("a piece").into_data().expect("data");
            pieces.push(String::from_utf8_lossy(&data).into_owned());
        }
        worker.stop().await;
        assert!(pieces.len() > 3, "steps come one by one: {}", pieces.len());
        let whole = pieces.concat();
        assert_eq!(whole.matches("data-outcome=").count(), 13, "{whole}");
        assert!(whole.contains("See the result") && whole.trim_end().ends_with("</html>"), "{whole}");
        let after = reader.get(&live).await;
        assert_eq!(after.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()), Some(path(&submission).as_str()));
    }

    async fn a_stream_ends_with_its_session_and_does_not_keep_it_awake(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let half_an_hour_later = async |reader: &Reader, address: &str| {
            portal.app.clock.advance(Duration::from_secs(29 * 60));
            let answer = reader.get(address).await;
            assert_eq!(answer.status(), 200, "{address}");
            drop(answer);
            portal.app.clock.advance(Duration::from_secs(2 * 60));
            reader.get("/overview").await.status().as_u16()
        };
        let reader = Reader::of(&portal, &submission.scope).await;
        let address = events_of(&reader.page(&path(&submission)).await);
        assert_eq!(half_an_hour_later(&reader, &path(&submission)).await, 200, "a visit keeps it awake");
        let reader = Reader::of(&portal, &submission.scope).await;
        assert_eq!(half_an_hour_later(&reader, &address).await, 303, "a page that watches by itself does not");

        // No worker runs: the streams have nothing to tell, and end all the same.
        let reader = Reader::of(&portal, &submission.scope).await;
        let streams = [reader.get(&address).await, reader.get(&format!("{}/live", path(&submission))).await];
        let mut write = portal.app.store.write().await.expect("a transaction");
        assert!(write.end_sessions_of(&submission.scope.person).await.expect("it runs") > 0);
        write.commit_quietly(Quiet::Session).await.expect("a commit");
        for stream in streams {
            assert_eq!(stream.status(), 200);
            tokio::time::timeout(Duration::from_secs(30), text(stream)).await.expect("it ends");
        }
        assert_eq!(reader.get(&address).await.status(), 303);
    }

    async fn streams_end_when_the_process_stops(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await;
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let reader = Reader::of(&portal, &submission.scope).await;
        let address = events_of(&reader.page(&path(&submission)).await);
        let stream = reader.get(&address).await;
        let list = reader.get(&format!("{}/live", path(&submission))).await;
        reader.stop.cancel();
        assert_eq!(events(stream, 99).await, []);
        assert!(text(list).await.contains("Check for updates"));
    }

    async fn a_watcher_from_the_future_hears_no_step_and_does_not_keep_us_busy(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let reader = Reader::of(&portal, &submission.scope).await;
        let address = events_of(&reader.page(&path(&submission)).await);
        let ahead = format!("{}after=9.0", address.split("after=").next().expect("an address"));
        lab.simulator.inject(Target::Tenant(sample.name.clone(), Operation::ContactCreate), Fault::Hang, 1);
        let doomed = portal.worker();
        assert_eq!(events(reader.get(&address).await, 4).await.len(), 4, "there are steps to tell");
        let leaving = Reader { cookie: reader.cookie.clone(), site: reader.site.clone(), stop: CancellationToken::new() };
        let stream = leaving.get(&ahead).await;
        leaving.stop.cancel();
        assert_eq!(events(stream, 99).await, []);
        lab.simulator.wait_for(|seen| seen.operation == Operation::ContactCreate).await;
        doomed.kill().await;
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let stream = reader.get(&ahead).await;
        let worker = portal.worker();
        assert_eq!(events(stream, 99).await, [("decided".to_owned(), "9.0".to_owned())]);
        worker.stop().await;
    }

    async fn an_attempt_whose_secret_is_gone_offers_the_next_one_only(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("sending-blocked");
        let submission = portal.newcomer(&sample).await;
        let reader = Reader::of(&portal, &submission.scope).await;
        let worker = portal.worker();
        portal.settles(&submission, State::Failed, None).await;
        worker.stop().await;
        let before = reader.page(&path(&submission)).await;
        assert!(before.contains("Check again"), "{before}");
        database.execute("UPDATE attempts SET secret_id = NULL").await;
        let after = reader.page(&path(&submission)).await;
        assert!(!after.contains("/check\"") && after.contains("Start attempt 2"), "{after}");
        assert!(after.contains("was deleted, as we promised"), "{after}");
    }

    async fn what_was_mended_is_checked_again_but_not_without_end(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("waiting");
        let submission = portal.newcomer(&sample).await;
        let mut reader = Reader::of(&portal, &submission.scope).await;
        let worker = portal.worker();
        portal.settles(&submission, State::Submitted, Some(Phase::WaitingForProvider)).await;
        let (page, action) = (path(&submission), format!("{}/check", path(&submission)));
        for _ in 0..4 {
            assert_eq!(reader.press(&page, &action).await.status(), 303);
            portal.settles(&submission, State::Submitted, Some(Phase::WaitingForProvider)).await;
        }
        lab.simulator.heal(&sample.name);
        let stale = reader.page(&page).await;
        assert_eq!(reader.press(&page, &action).await.status(), 303);
        portal.settles(&submission, State::Verified, None).await;
        worker.stop().await;
        assert!(stale.contains("Check again"));
        assert!(!reader.page(&page).await.contains("Check again"));
        assert_eq!(database.count("audit WHERE verb = 'check.again'").await, 5);
        let sixth = moxi_onboard::actions::check_again::check_again(&portal.app, &submission.scope, &submission.connection, 1).await;
        assert!(matches!(sixth, Err(moxi_onboard::domain::refused::Refused::TooMany(_))), "{sixth:?}");
    }

    async fn what_is_missing_has_its_name_on_the_page_and_in_the_mail(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let worker = portal.worker();
        for (sample, missing) in [
            ("calendar-permission-missing", "Missing: Calendars.ReadWrite."),
            ("calendar-role-missing", "Missing: Application Calendars.ReadWrite."),
        ] {
            let before = portal.mails.sent().len();
            let of = portal.newcomer(&lab.sample(sample)).await;
            portal.settles(&of, State::Failed, None).await;
            let reader = Reader::of(&portal, &of.scope).await;
            let page = reader.page(&path(&of)).await;
            assert!(page.contains(missing), "{sample}: {page}");
            let mail = portal.until("the office is told", async || {
                portal.mails.sent().into_iter().skip(before).find(|mail| mail.kind == MailKind::Failed)
            }).await;
            // Lines of a mail may end anywhere.
            let told = String::from_utf8_lossy(&mail.message).replace(" \r\n", " ").replace("=\r\n", "");
            assert!(told.contains(missing), "{sample}: {told}");
        }
        worker.stop().await;
    }

    async fn granted_consent_needs_no_new_attempt_and_what_was_not_changed_is_not_waited_for(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let body = r#"{"error":"invalid_grant","error_codes":[65001],"error_description":"AADSTS65001: No consent."}"#;
        let fault = Fault::Status { code: 400, headers: BTreeMap::new(), body: body.to_owned() };
        lab.simulator.inject(Target::Tenant("healthy".to_owned(), Operation::Token), fault, ALWAYS);
        let of = portal.newcomer(&lab.sample("healthy")).await;
        let mut reader = Reader::of(&portal, &of.scope).await;
        let worker = portal.worker();
        portal.settles(&of, State::Failed, None).await;
        let (page, again) = (path(&of), format!("{}/check", path(&of)));
        let unchanged = format!("{}/nothing-changed", path(&of));
        let failed = reader.page(&page).await;
        assert!(failed.find("Check again</button>") < failed.find("Start attempt 2"), "{failed}");
        assert!(!failed.contains("I changed nothing"), "nothing is waited for");
        let told = async |mails: usize| {
            portal.until("everybody is told", async || {
                let failed = portal.mails.sent().into_iter().filter(|mail| mail.kind == MailKind::Failed);
                (failed.count() == mails).then_some(())
            }).await;
        };
        told(1).await;
        // Whoever waits for room at the account looks again a little later.
        let settles = async |state, phase| {
            portal.until("it is decided", async || {
                portal.app.clock.advance(Duration::from_millis(200));
                let (connection, _) = portal.standing(&of).await;
                ((connection.state, connection.phase) == (state, phase)).then_some(())
            }).await;
        };

        // Consent takes its time: whoever granted it is not told at once that it failed. Nobody presses in the same moment.
        portal.app.clock.advance(Duration::from_secs(60));
        assert_eq!(reader.press(&page, &again).await.status(), 303);
        settles(State::Submitted, Some(Phase::WaitingForProvider)).await;
        let waiting = reader.page(&page).await;
        assert!(waiting.contains("I changed nothing") && waiting.contains("about 15 minutes"), "{waiting}");

        // Whoever did not grant it says so; the look that was due finds nothing to do.
        assert_eq!(reader.press(&page, &unchanged).await.status(), 303);
        portal.settles(&of, State::Failed, None).await;
        let mended = reader.page(&page).await;
        assert!(mended.contains("Check again</button>") && mended.contains("Grant admin consent"), "{mended}");
        let (connection, _) = portal.standing(&of).await;
        let twice = moxi_onboard::actions::stop_waiting::stop_waiting(&portal.app, &of.scope, &of.connection, connection.version);
        assert!(matches!(twice.await, Err(Refused::Conflict(_))), "it waits no more");
        portal.app.clock.advance(Duration::from_secs(10 * 60));
        told(2).await;
        settles(State::Failed, None).await;

        lab.simulator.clear_faults();
        portal.app.clock.advance(Duration::from_secs(60));
        assert_eq!(reader.press(&page, &again).await.status(), 303);
        settles(State::Verified, None).await;
        let first = portal.mailed(MailKind::Failed).await;
        worker.stop().await;
        assert_eq!(database.count("attempts").await, 1, "the same attempt all the way");
        assert_eq!(database.count("audit WHERE verb = 'check.stop_waiting'").await, 1);
        let told = String::from_utf8_lossy(&first.message);
        assert!(told.contains("Then select"), "{told}");
    }

    async fn a_renewal_begins_with_a_fresh_code_and_the_page_of_what_is_in_use_stays(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let submission = portal.newcomer(&lab.sample("healthy")).await;
        let reader = Reader::of(&portal, &submission.scope).await;
        let worker = portal.worker();
        portal.settles(&submission, State::Verified, None).await;
        worker.stop().await;
        let renew = format!("{}/renew", path(&submission));
        let served = portal_of(&portal.app).await;
        let iris = person(&portal, &submission, &served.origin).await;
        let fresh = reader.page(&renew).await;
        assert!(fresh.contains(">Begin</button>") && !fresh.contains("Get a fresh code"), "{fresh}");
        let stale_form = iris.opens(&renew).await.form_that_says("Begin");
        portal.app.clock.advance(Duration::from_secs(5 * 60 + 1));
        let stale = reader.page(&renew).await;
        assert!(!stale.contains(">Begin</button>") && stale.contains("Get a fresh code"), "{stale}");
        let confirm = iris.opens(&iris.opens(&renew).await.link("Get a fresh code")).await;
        let asked = iris.sends(&confirm.form_that_says("Send me a code")).await;
        asked.must_say("Code from the mail");
        // Nothing begins until the code is there, whatever form is sent.
        let begun = iris.sends(&stale_form).await;
        assert!(begun.url.starts_with("/confirm"), "{}", begun.url);
        assert_eq!(database.count("drafts").await, 0);
        assert_eq!(database.count("mails WHERE kind = 'sign_in_code'").await, 1);
    }

    async fn what_was_mistyped_is_corrected_in_an_attempt_that_keeps_its_names(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let submission = portal.newcomer(&lab.sample("mailbox-unknown")).await;
        let worker = portal.worker();
        portal.settles(&submission, State::Failed, None).await;
        let mail = portal.mailed(MailKind::Failed).await;
        worker.stop().await;
        let served = portal_of(&portal.app).await;
        let iris = person(&portal, &submission, &served.origin).await;
        let failed = iris.opens(&path(&submission)).await;
        let html = &failed.source;
        let (correct, again) = (html.find("Correct it in attempt 2"), html.find(">Check again</button>"));
        assert!(correct.is_some() && correct < again, "what helps comes first: {html}");
        assert!(!failed.says("nothing is entered twice"), "the secret is: {}", failed.text());
        let told = String::from_utf8_lossy(&mail.message).replace("=\r\n", "");
        assert!(told.contains("correct it in attempt 2") && !told.contains("Mend it and check again"), "{told}");
        let form = iris.sends(&failed.form_that_says("Correct it in attempt 2")).await;
        form.must_say("Attempt 1 failed: There is no mailbox with this address");
        let typed = form.form_with("test_mailbox");
        assert_eq!(typed.value("app_name"), Some("MoxiEngage"), "the app is the same");
        assert!(typed.value("client_id").is_some_and(|id| !id.is_empty()), "{}", form.text());
    }

    async fn what_works_is_closed_with_a_fresh_code_and_what_was_typed_stays(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let submission = portal.newcomer(&lab.sample("healthy")).await;
        let worker = portal.worker();
        portal.settles(&submission, State::Verified, None).await;
        worker.stop().await;
        let served = portal_of(&portal.app).await;
        let iris = person(&portal, &submission, &served.origin).await;
        let close = format!("{}/close", path(&submission));
        let form = iris.opens(&close).await.form_with("reason");
        assert!(!iris.opens(&close).await.says("Nobody here has the rights"), "it was set up");
        let bare = iris.sends(&form.clone().with("reason", "other")).await;
        assert_eq!(bare.status, 422, "what else it is only words say");
        portal.app.clock.advance(Duration::from_secs(5 * 60 + 1));
        let stale = iris.opens(&close).await;
        stale.must_say("We send a fresh code");
        assert!(!stale.says("Why do you close it?"), "{}", stale.text());
        let sent = iris.sends(&form.with("reason", "other").with("words", "We move house.")).await;
        assert_eq!(sent.status, 403);
        sent.must_say("Nothing is closed yet");
        assert_eq!(sent.form_with("reason").value("words"), Some("We move house."));
        assert_eq!(database.count("connections WHERE state = 'closed'").await, 0);
        assert!(iris.opens(&sent.link("Get a fresh code")).await.url.starts_with("/confirm"));
    }
}
