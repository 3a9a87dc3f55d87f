//! The same way through the pages: forms, redirects, and what a page shows and never shows.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, header},
};
use http_body_util::BodyExt as _;
use jiff::ToSpan as _;
use moxi_onboard::{
    app::App,
    clock::Clock,
    domain::scope::Scope,
    http::{portal, session},
    store::Sessions,
    telemetry::Metrics,
};
use tower::ServiceExt as _;
use tower_sessions::Session;

use crate::{
    databases::{Database, on_both},
    office::{CLIENT, PASSWORD, SECRET, TENANT, office, office_of, portal_at},
    rows,
};

const DOMAIN: &str = "lakeshore.example";

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub body: String,
}

/// A browser of somebody who is signed in.
#[derive(Clone)]
pub struct Browser {
    app: App,
    site: Router,
    cookies: BTreeMap<String, String>,
    csrf: String,
    form_key: String,
    pub seen: String,
}

impl Browser {
    pub async fn of(app: &App, scope: &Scope) -> Self {
        let site = portal::site(app.clone(), Metrics::new());
        let mut browser = Self {
            app: app.clone(),
            site,
            cookies: BTreeMap::new(),
            csrf: String::new(),
            form_key: String::new(),
            seen: String::new(),
        };
        browser.sign_in(scope).await;
        browser
    }

    pub async fn sign_in(&mut self, scope: &Scope) {
        let session = Session::new(None, Arc::new(Sessions::new(self.app.store.clone())), None);
        session::sign_in(&session, scope, &self.app.clock, &HeaderMap::new()).await.expect("signed in");
        session.save().await.expect("saved");
        let id = session.id().expect("an id").to_string();
        self.cookies.insert(session::PORTAL_COOKIE.to_owned(), id);
        self.look("/overview").await;
    }

    pub async fn look(&mut self, path: &str) -> Answer {
        let path = path.split('#').next().unwrap_or(path);
        self.ask(Request::get(path), Body::empty()).await
    }

    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = vec![("csrf", self.csrf.as_str()), ("form_key", self.form_key.as_str())];
        body.extend(fields);
        let body: String = body.iter().map(|(name, value)| format!("{name}={}&", escaped(value))).collect();
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, Body::from(body)).await
    }

    /// Sends a form that brings a file along.
    pub async fn uploads(&mut self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let mut body = Vec::new();
        let fields = [("csrf", self.csrf.as_str()), ("form_key", self.form_key.as_str())]
            .into_iter()
            .chain(fields.iter().copied());
        for (name, value) in fields {
            let part = format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"list.csv\"\r\nContent-Type: text/csv\r\n\r\n",
            file.0
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file.1);
        body.extend_from_slice(b"\r\n--XX--\r\n");
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
        self.ask(request, Body::from(body)).await
    }

    async fn ask(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, cookies.join("; "))
            .body(body)
            .expect("a request");
        let response = self.site.clone().oneshot(request).await.expect("an answer");
        for line in response.headers().get_all(header::SET_COOKIE) {
            let pair = line.to_str().expect("text").split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = response.headers().get(header::LOCATION);
        let location = location.and_then(|line| line.to_str().ok()).unwrap_or_default().to_owned();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!body.contains(SECRET) && !body.contains(PASSWORD), "no page shows a secret");
        for (name, place) in
            [("csrf", &mut self.csrf), ("form_key", &mut self.form_key), ("seen", &mut self.seen)]
        {
            if let Some(value) = hidden(&body, name) {
                *place = value;
            }
        }
        Answer { status, location, body }
    }

    /// Makes a connection; returns its path.
    async fn connect(&mut self, name: &str) -> String {
        self.connects(name, "graph_secret").await
    }

    /// Makes one of this kind.
    pub async fn connects(&mut self, name: &str, kind: &str) -> String {
        self.look("/connections/new").await;
        let answer = self.send("/connections/new", &[("name", name), ("kind", kind)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.location.trim_end_matches("/answers").to_owned()
    }

    /// Fills in good answers but for these.
    pub async fn fill_in(&mut self, connection: &str, but: &[(&str, &str)]) -> Answer {
        self.look(&format!("{connection}/answers")).await;
        self.send_answers(connection, but).await
    }

    /// Sends them from the form that was looked at before.
    async fn send_answers(&mut self, connection: &str, but: &[(&str, &str)]) -> Answer {
        let ends = self.app.clock.today().checked_add(1.year()).expect("a day");
        let (month, day, year) = (ends.month().to_string(), ends.day().to_string(), ends.year().to_string());
        let seen = self.seen.clone();
        let good = [
            ("app_name", "MoxiEngage"),
            ("tenant", TENANT),
            ("client_id", CLIENT),
            ("secret_name", "Engage access"),
            ("client_secret", SECRET),
            ("ends_month", &month),
            ("ends_day", &day),
            ("ends_year", &year),
            ("test_mailbox", "pat@lakeshore.example"),
            ("goal", "review"),
            ("seen", seen.as_str()),
        ];
        let fields: Vec<(&str, &str)> = good
            .iter()
            .map(|(name, value)| {
                (*name, but.iter().find(|(other, _)| other == name).map_or(*value, |(_, value)| *value))
            })
            .collect();
        let sent = self.send(&format!("{connection}/answers"), &fields).await;
        self.shown_again(connection, sent).await
    }

    /// A form of answers that was refused leads to the page that says what is wrong.
    pub async fn shown_again(&mut self, connection: &str, sent: Answer) -> Answer {
        match sent.location.starts_with(&format!("{connection}/answers?")) {
            true => self.look(&sent.location).await,
            false => sent,
        }
    }

    pub async fn submit(&mut self, connection: &str) -> Answer {
        let seen = self.seen.clone();
        self.send(&format!("{connection}/submit"), &[("seen", &seen)]).await
    }
}

fn hidden(body: &str, name: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split('"').next()?.to_owned())
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

pub async fn stage(database: &Database) -> (App, Scope, Browser) {
    let app = portal_at(database, Clock::system(), "", false).await;
    let scope = office(&app, DOMAIN).await;
    let browser = Browser::of(&app, &scope).await;
    (app, scope, browser)
}

on_both! {
    async fn from_an_empty_overview_to_a_submission(database) {
        let (_, _, mut ida) = stage(database).await;
        let overview = ida.look("/overview").await;
        assert!(overview.body.contains("Nothing is done yet") && overview.body.contains("Ida@lakeshore.example"), "{}", overview.body);

        let connection = ida.connect("Main office").await;
        let form = ida.look(&format!("{connection}/answers")).await;
        assert!(form.body.contains("value=\"MoxiEngage\"") && form.body.contains("value=\"Engage access\""), "{}", form.body);
        assert!(ida.look("/overview").await.body.contains("Enter your app&#39;s details"));

        let refused = ida.fill_in(&connection, &[("tenant", "our tenant"), ("test_mailbox", "pat")]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("<title>Error: "), "{}", refused.body);
        assert!(refused.body.contains("value=\"our tenant\"") && refused.body.contains("value=\"pat\""), "what was typed is kept");
        assert!(refused.body.contains("href=\"#tenant\"") && refused.body.contains("id=\"test_mailbox-error\""));
        assert!(refused.body.contains(", 41 characters</span>"), "the secret is there already: {}", refused.body);

        let review = ida.fill_in(&connection, &[("client_secret", "")]).await;
        assert_eq!((review.status, review.location.as_str()), (303, format!("{connection}/review").as_str()));
        assert!(ida.look("/overview").await.body.contains("Check and submit"));
        let review = ida.look(&review.location).await;
        assert_eq!(review.status, 200);
        assert!(review.body.contains("41 characters") && review.body.contains("LKS-0001-1"), "{}", review.body);
        assert!(review.body.contains("Change<span class=\"vh\"> test mailbox</span>"));

        let sent = ida.submit(&connection).await;
        assert_eq!((sent.status, sent.location.as_str()), (303, connection.as_str()), "{}", sent.body);
        let again = ida.submit(&connection).await;
        assert_eq!((again.status, again.location.as_str()), (303, connection.as_str()), "a double press");
        ida.seen = "99".to_owned();
        let other = ida.submit(&connection).await;
        assert_eq!(other.status, 422);
        assert!(other.body.contains("other content"), "{}", other.body);
        assert_eq!(rows::count(database, "attempts").await, 1);
        assert!(ida.look("/overview").await.body.contains("Being checked"));

        for page in ["answers", "review"] {
            let gone = ida.look(&format!("{connection}/{page}")).await;
            assert_eq!((gone.status, gone.location.as_str()), (303, connection.as_str()), "{page}");
        }
        assert!(!rows::holds(database, SECRET.as_bytes()).await);
    }

    async fn a_refused_form_of_answers_is_a_page_that_back_and_reload_ask_for_again(database) {
        let (_, _, mut ida) = stage(database).await;
        let connection = ida.connect("Main office").await;
        let path = format!("{connection}/answers");
        ida.look(&path).await;
        let typed = |seen: &str, secret: &str, goal: &str| -> Vec<(String, String)> {
            [("seen", seen), ("client_secret", secret), ("goal", goal), ("tenant", "our tenant"), ("client_id", "it was Xq18Q~abcdefghijklmnopqrstu")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec()
        };
        let id = "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d12";
        for (goal, leads_to, missing) in [("review", "missing", true), ("later", "slips", false)] {
            let fields = typed(&ida.seen.clone(), id, goal);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let sent = ida.send(&path, &fields).await;
            assert_eq!((sent.status, sent.location.as_str()), (303, format!("{path}?{leads_to}=1").as_str()), "{}", sent.body);
            for _ in 0..2 {
                let told = ida.look(&sent.location).await;
                assert_eq!(told.status, 422, "machines read that it was refused");
                assert!(told.body.contains("<title>Error: "), "{}", told.body);
                // Also what cannot be found in what was kept: the ID that was pasted in place of the secret.
                assert!(told.body.contains("This is the Secret ID") && told.body.contains("data-cause=\"form_secret_is_id\""), "{}", told.body);
                assert_eq!(told.body.contains("href=\"#test_mailbox\""), missing, "{goal}: {}", told.body);
                assert!(told.body.contains("value=\"our tenant\"") && !told.body.contains(id), "{}", told.body);
            }
        }
        assert_eq!(ida.look(&path).await.status, 200, "whoever comes by another way finds the answers alone");
        assert_eq!(ida.fill_in(&connection, &[]).await.status, 303);
        let mended = ida.look(&format!("{path}?missing=1")).await;
        assert_eq!(mended.status, 200, "what is mended is not told any more: {}", mended.body);
        assert!(!rows::holds(database, id.as_bytes()).await);
    }

    async fn steps_that_were_skipped_lead_to_what_is_missing(database) {
        let (_, _, mut ida) = stage(database).await;
        let connection = ida.connect("Main office").await;
        let skipped = ida.look(&format!("{connection}/review")).await;
        assert_eq!((skipped.status, skipped.location.as_str()), (303, format!("{connection}/answers?missing=1#tenant").as_str()));
        let told = ida.look(&skipped.location).await;
        assert!(told.body.contains("<title>Error: ") && told.body.contains("Enter the client secret"), "{}", told.body);
        (ida.seen, ida.form_key) = ("1".to_owned(), "a".repeat(32));
        let skipped = ida.submit(&connection).await;
        assert_eq!((skipped.status, skipped.location.as_str()), (303, format!("{connection}/answers?missing=1#tenant").as_str()));
        assert_eq!(rows::count(database, "attempts").await, 0);
    }

    async fn after_a_new_sign_in_the_secret_is_the_only_thing_asked(database) {
        let (_, scope, mut ida) = stage(database).await;
        let connection = ida.connect("Main office").await;
        ida.fill_in(&connection, &[]).await;
        ida.sign_in(&scope).await;
        assert!(ida.look("/overview").await.body.contains("Client secret needed again"));
        let form = ida.look(&format!("{connection}/answers")).await;
        assert!(form.body.contains("entered before you signed in here") && form.body.contains(TENANT), "{}", form.body);
        assert!(!form.body.contains("Already entered"));
        let review = ida.look(&format!("{connection}/review")).await;
        assert_eq!(review.location, format!("{connection}/answers?missing=1#client_secret"));
        let refused = ida.fill_in(&connection, &[("client_secret", "")]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.body.matches("class=\"err\"").count(), 1, "{}", refused.body);
        assert_eq!(ida.fill_in(&connection, &[]).await.status, 303);
    }

    async fn a_review_that_is_out_of_date_is_shown_again(database) {
        let (_, scope, mut ida) = stage(database).await;
        let connection = ida.connect("Main office").await;
        ida.fill_in(&connection, &[]).await;
        ida.look(&format!("{connection}/review")).await;
        let mut tab = ida.clone();
        tab.fill_in(&connection, &[("test_mailbox", "kim@lakeshore.example")]).await;
        let stale = ida.submit(&connection).await;
        assert_eq!(stale.status, 409);
        assert!(stale.body.contains("changed elsewhere") && stale.body.contains("kim@lakeshore.example"), "{}", stale.body);
        let sent = ida.submit(&connection).await;
        assert_eq!((sent.status, sent.location.as_str()), (303, connection.as_str()), "the page that was shown again is up to date");
        let _ = scope;
    }

    async fn what_is_saved_for_later_is_there_later(database) {
        let (_, scope, mut ida) = stage(database).await;
        let connection = ida.connect("Main office").await;
        let saved = ida.fill_in(&connection, &[("goal", "later"), ("tenant", "half"), ("client_secret", "")]).await;
        assert_eq!((saved.status, saved.location.as_str()), (303, "/overview"));
        assert!(ida.look("/overview").await.body.contains("Your answers are saved."));
        ida.sign_in(&scope).await;
        assert!(ida.look(&format!("{connection}/answers")).await.body.contains("value=\"half\""));
    }

    async fn strangers_find_nothing(database) {
        let (app, _, mut ida) = stage(database).await;
        let connection = ida.connect("Main office").await;
        ida.fill_in(&connection, &[]).await;
        let pine = office_of(&app, "pine.example", true, &["Kim"]).await;
        let mut kim = Browser::of(&app, &pine).await;
        let mut nobody = kim.clone();
        nobody.cookies.remove(session::PORTAL_COOKIE);
        kim.form_key = "k".repeat(32);
        for page in ["answers", "review"] {
            let path = format!("{connection}/{page}");
            assert_eq!(kim.look(&path).await.status, 404, "{page}");
            assert_eq!(nobody.look(&path).await.location, format!("/sign-in?next={path}"));
        }
        for (page, fields) in [("answers", &[("tenant", "x")][..]), ("submit", &[("seen", "2")]), ("attempts", &[])] {
            assert_eq!(kim.send(&format!("{connection}/{page}"), fields).await.status, 404, "{page}");
        }
        for odd in ["con_1", "x", "%00", "con_7zzzzzzzzzzzzzzzzzzzzzzzzz", "'%20or%201=1--"] {
            for page in ["answers", "review"] {
                assert!(matches!(ida.look(&format!("/connections/{odd}/{page}")).await.status, 400 | 404), "{odd}");
            }
        }
        assert!(!kim.look("/overview").await.body.contains("Main office"));
    }

    async fn odd_text_in_any_field_gets_a_page_of_ours(database) {
        let (_, _, mut ida) = stage(database).await;
        let connection = ida.connect("Main office").await;
        let marks = format!("e{}", "\u{301}".repeat(500));
        let odd = [
            "", "   ", "\u{a0}", "\u{200b}", "\u{202e}evil", "🏡", marks.as_str(), "' or 1=1--", "{{7*7}}", "$(id)", "`id`", "*)(", "../x",
            "a\r\nSet-Cookie: x=1", "\"><script>alert(1)</script>",
        ];
        for text in odd {
            for field in ["app_name", "tenant", "client_id", "secret_name", "client_secret", "ends_month", "ends_day", "ends_year", "test_mailbox"] {
                let answer = ida.fill_in(&connection, &[(field, text)]).await;
                assert!(matches!(answer.status, 303 | 422), "{field} {text:?}: {}", answer.status);
                assert!(!answer.body.contains("<script>alert"), "{field} {text:?}");
                if answer.status == 422 && field != "client_secret" {
                    assert_eq!(answer.body.matches("class=\"err\"").count(), 1, "{field} {text:?}: {}", answer.body);
                }
            }
            let answer = ida.send("/connections/new", &[("name", text), ("external_id", text), ("kind", text)]).await;
            assert_eq!(answer.status, 422, "{text:?}");
            assert!(!answer.body.contains("<script>alert"), "{text:?}");
        }
        let path = format!("{connection}/answers");
        assert_eq!(ida.send(&path, &[("tenant", &"x".repeat(1 << 20))]).await.status, 413);
        assert_eq!(ida.send(&path, &[("tenant", "a\0b")]).await.status, 422);
        assert_eq!(ida.send(&path, &[("tenant", "a"), ("tenant", "b")]).await.status, 422);
        let extra = ida.fill_in(&connection, &[]).await;
        assert_eq!(extra.status, 303);
        ida.look(&path).await;
        let seen = ida.seen.clone();
        let asked = ida.send(&path, &[("role", "admin"), ("brokerage_id", "brk_1"), ("goal", "later"), ("seen", &seen)]).await;
        assert_eq!(asked.status, 303, "fields nobody asked for are ignored");
    }

    async fn without_its_hidden_value_nothing_is_submitted(database) {
        let (_, _, mut ida) = stage(database).await;
        let connection = ida.connect("Main office").await;
        ida.fill_in(&connection, &[]).await;
        ida.look(&format!("{connection}/review")).await;
        let mut forged = ida.clone();
        forged.csrf = "0".repeat(128);
        assert_eq!(forged.submit(&connection).await.status, 403);
        let mut bare = ida.clone();
        bare.form_key = String::new();
        assert_eq!(bare.submit(&connection).await.status, 422, "no key, no submission");
        assert_eq!(rows::count(database, "attempts").await, 0);
        assert_eq!(ida.submit(&connection).await.status, 303);
    }

    async fn with_the_database_away_nothing_is_acknowledged(database) {
        let (app, _, mut ida) = stage(database).await;
        let connection = ida.connect("Main office").await;
        ida.fill_in(&connection, &[]).await;
        ida.look(&format!("{connection}/review")).await;
        app.store.close().await;
        let answer = ida.submit(&connection).await;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert_eq!(rows::count(database, "attempts").await, 0);
    }
}
