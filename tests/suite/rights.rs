//! Who may do what: every route of both sites times every kind of caller. The routes are read from the routers' own text,
//! so a new one without a line in the table fails, and so does a line without a route.

mod table;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use moxi_onboard::domain::{ids::PersonId, scope::Scope, staff::StaffRole};
use reqwest::{Method, header};

use crate::{
    databases::{Database, on_both},
    office::office_of,
    review::pages::both,
    rows::texts,
    staff_site::{portal_of, portal_session},
    world::{seen::Seen, visitor::Visitor},
};
use table::{
    Line, PORTAL, STAFF,
    Who::{self, Everybody, Inviting, OwnRule, Roles, Signed},
};

const HEALTH: &str = include_str!("../../src/http/health.rs");
const STAFF_ROUTER: &[&str] = &[include_str!("../../src/http/staff.rs"), HEALTH];
const PORTAL_ROUTER: &[&str] =
    &[include_str!("../../src/http/portal.rs"), include_str!("../../src/http/public.rs")];
const ADDRESSES: &str = concat!(
    include_str!("../../src/http/urls/both.rs"),
    include_str!("../../src/http/urls/portal.rs"),
    include_str!("../../src/http/urls/staff.rs"),
);
const NOTHING: &str = "00000000000000000000000000";

/// The routes of a router's text: name and method.
fn routes(texts: &[&str]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for part in texts.iter().flat_map(|text| text.split(".route(urls::").skip(1)) {
        let (name, rest) = part.split_once(',').expect("a handler follows");
        // Up to the end of the route: its brackets are closed.
        let mut open = 1;
        let end = rest.find(|letter| {
            open += i32::from(letter == '(') - i32::from(letter == ')');
            open == 0
        });
        let handlers = &rest[..end.expect("the route ends")];
        for method in ["get", "post", "put", "delete", "patch", "any"] {
            if handlers.contains(&format!("{method}(")) {
                found.insert((name.to_owned(), method.to_owned()));
            }
        }
    }
    let all: usize = texts.iter().map(|text| text.matches(".route(").count()).sum();
    let names: BTreeSet<&String> = found.iter().map(|(name, _)| name).collect();
    assert!(names.len() == all && all > 40, "{all} routes, and these are read: {names:?}");
    found
}

/// The addresses by their names.
fn addresses() -> BTreeMap<&'static str, &'static str> {
    let pair = |text: &'static str| {
        let (name, rest) = text.split_once(": &str =")?;
        let (_, rest) = rest.split_once('"')?;
        Some((name, rest.split_once('"')?.0))
    };
    ADDRESSES.split("pub const ").skip(1).filter_map(pair).collect()
}

/// Nothing is missing and nothing is there twice.
fn complete(table: &[Line], texts: &[&str]) {
    let listed: BTreeSet<(String, String)> =
        table.iter().map(|(name, method, _)| ((*name).to_owned(), (*method).to_owned())).collect();
    assert_eq!(listed.len(), table.len(), "a route is listed twice");
    let routes = routes(texts);
    let without: Vec<_> = routes.difference(&listed).collect();
    assert!(without.is_empty(), "say in the table who may come to {without:?}");
    let gone: Vec<_> = listed.difference(&routes).collect();
    assert!(gone.is_empty(), "no route any more: {gone:?}");
}

#[test]
fn each_route_has_a_line_and_each_line_a_route() {
    complete(STAFF, STAFF_ROUTER);
    complete(PORTAL, PORTAL_ROUTER);
}

/// Who may, in the words of the list for people.
fn words(who: Who) -> String {
    match who {
        Everybody => "everybody".to_owned(),
        Signed => "whoever is signed in".to_owned(),
        Inviting => "those of the brokerage who may invite".to_owned(),
        Roles(roles) => roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(", "),
        OwnRule => "by a rule of its own".to_owned(),
    }
}

/// `docs/RIGHTS.md` says the same as the table that is tested. After a change that is meant, the test writes it where the
/// environment names `MOXI_KEEP_RIGHTS`.
#[test]
fn the_list_for_people_is_the_table_that_is_tested() {
    let addresses = addresses();
    let mut text = String::from(
        "# Who may come where\n\nMade from the table that the suite holds both sites against (`tests/suite/rights/table.rs`): \
         every route, and whom it lets in. Do not change it by hand: `MOXI_KEEP_RIGHTS=1 cargo test --test suite rights::`.\n\n\
         On the portal \"signed in\" means: to what is one's own brokerage's. Another office's is not there (404). Looking at a \
         secret, answering a request for a look and looking one over have a rule of their own: `src/domain/access.rs`.\n",
    );
    for (title, table) in [("The portal", PORTAL), ("The staff site", STAFF)] {
        let _ = write!(text, "\n## {title}\n\n| address | method | who |\n|---|---|---|\n");
        let mut rows: Vec<_> = table
            .iter()
            .map(|(name, method, who)| {
                (
                    addresses.get(name).copied().unwrap_or("where the provider sends people back to"),
                    *method,
                    *who,
                )
            })
            .collect();
        rows.sort_by_key(|(address, method, _)| (*address, *method));
        for (address, method, who) in rows {
            let _ = writeln!(text, "| `{address}` | {} | {} |", method.to_uppercase(), words(who));
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/RIGHTS.md");
    if std::env::var_os("MOXI_KEEP_RIGHTS").is_some() {
        std::fs::write(file, &text).expect("it is written");
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        kept == text,
        "docs/RIGHTS.md is out of date: MOXI_KEEP_RIGHTS=1 cargo test --test suite rights::"
    );
}

/// An address that somebody could ask for: this connection and brokerage, and ids of nothing elsewhere.
fn asked(route: &str, connection: &str, brokerage: &str) -> String {
    let id = match route.split('/').nth(1).unwrap_or_default() {
        "connections" => connection.to_owned(),
        "brokerages" => brokerage.to_owned(),
        "access" => format!("acc_{NOTHING}"),
        "invitations" => format!("inv_{NOTHING}"),
        "people" if route.contains("invitations") => format!("inv_{NOTHING}"),
        "people" => format!("per_{NOTHING}"),
        _ => format!("mail_{NOTHING}"),
    };
    route
        .replace("{id}", &id)
        .replace("{question}", &format!("que_{NOTHING}"))
        .replace("{check}", &format!("chk_{NOTHING}"))
        .replace("{message}", &format!("msg_{NOTHING}"))
        .replace("{wish}", &format!("dec_{NOTHING}"))
        .replace("{number}", "1")
        .replace("{step}", "1")
        .replace("{cause}", "client_secret_invalid")
        .replace("{kind}", "verified")
}

/// What came of a try: the status, where it leads to, and whether the audit has a line of it.
struct Came {
    status: u16,
    place: String,
    left_a_line: bool,
}

impl Came {
    fn is_turned_away(&self) -> bool {
        let to_sign_in = self.status == 303 && self.place.starts_with("/sign-in");
        (self.status >= 400 || to_sign_in) && !self.left_a_line
    }

    fn may(&self) -> bool {
        self.status != 403 && !self.place.starts_with("/sign-in")
    }
}

/// Somebody with a browser.
struct Caller {
    who: String,
    visitor: Visitor,
    token: String,
}

impl Caller {
    /// Somebody who is in: the token is read from a page of theirs.
    async fn inside(who: &str, visitor: Visitor, page: &str) -> Self {
        let page = visitor.opens(page).await;
        let token = page.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        Self { who: who.to_owned(), visitor, token }
    }

    /// Asks as a form would, with a key of its own and without a field. What streams is not read: it never ends.
    async fn tries(&self, database: &Database, method: &str, path: &str, connection: &str) -> Came {
        let before = database.count("audit").await;
        let request = match method {
            "post" => {
                let key = moxi_onboard::clock::Randomness::system().bytes::<16>();
                let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
                let item = format!("{connection}.0");
                // What two forms have to say before anybody looks who it is.
                let fields = [
                    ("csrf", self.token.as_str()),
                    ("form_key", key.as_str()),
                    ("sort", "ndjson"),
                    ("take", item.as_str()),
                ];
                self.visitor.request(Method::POST, path).form(&fields)
            }
            _ => self.visitor.request(Method::GET, path),
        };
        let answer = request.send().await.expect("an answer");
        let place = answer.headers().get(header::LOCATION).and_then(|place| place.to_str().ok());
        let (status, place) = (answer.status().as_u16(), place.unwrap_or_default().to_owned());
        Came { status, place, left_a_line: database.count("audit").await != before }
    }
}

on_both! {
    async fn on_the_staff_site_every_route_lets_in_whom_it_shall_and_nobody_else(database) {
        let (portal, site, _lab) = both(database).await;
        let app = &portal.app;
        let scope = portal.office("lakeshore.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let addresses = addresses();
        let colleague = async |name: &str, role: StaffRole| {
            Caller::inside(name, site.colleague(name, &[role]).await, "/account").await
        };
        let ended = colleague("whose session ended", StaffRole::Owner).await;
        database.execute("DELETE FROM staff_sessions").await;
        let lost = colleague("who lost their role", StaffRole::Owner).await;
        database
            .execute("DELETE FROM staff_roles WHERE staff_id IN (SELECT id FROM staff WHERE name = 'who lost their role')")
            .await;
        let mut inside = Vec::new();
        for role in StaffRole::ALL {
            inside.push((*role, colleague(role.title(), *role).await));
        }
        let nobody = Caller { who: "nobody".to_owned(), visitor: site.visitor(), token: String::new() };
        // An admin of a brokerage whose cookie is shown here.
        let admin = Visitor::new(&site.origin, &Seen::default());
        admin.takes_cookie("__Host-portal", &portal_session(app, &scope).await);
        admin.takes_cookie("__Host-staff", &portal_session(app, &scope).await);
        let admin = Caller { who: "a brokerage's admin".to_owned(), visitor: admin, token: ended.token.clone() };

        let mut wrong = Vec::new();
        let mut looked = 0;
        for (name, method, who) in STAFF {
            if *who == Everybody {
                continue;
            }
            let path = asked(addresses[name], connection.as_str(), scope.brokerage.as_str());
            for caller in [&nobody, &ended, &lost, &admin] {
                let came = caller.tries(database, method, &path, connection.as_str()).await;
                looked += 1;
                if !came.is_turned_away() {
                    wrong.push(format!("{} {method} {path}: {} {}", caller.who, came.status, came.place));
                }
            }
            for (role, caller) in &inside {
                let came = caller.tries(database, method, &path, connection.as_str()).await;
                looked += 1;
                let (may, as_listed) = match who {
                    Roles(roles) if !roles.contains(role) => (false, came.status == 403 && !came.left_a_line),
                    OwnRule => (false, came.status >= 400 && !came.left_a_line),
                    _ => (true, came.may()),
                };
                if !as_listed {
                    wrong.push(format!("{role:?} {method} {path}: {} {}, may: {may}", came.status, came.place));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(looked > 400, "{looked} pairs of route and caller");
    }

    async fn on_the_portal_every_route_lets_in_whom_it_shall_and_nobody_else(database) {
        let (portal, _site, _lab) = both(database).await;
        let app = &portal.app;
        let served = portal_of(app).await;
        let scope = office_of(app, "lakeshore.example", true, &["Ida", "Ian", "Val", "Eve"]).await;
        let connection = portal.connection(&scope, "Main office").await;
        let other = office_of(app, "elm.example", true, &["Otto"]).await;
        let addresses = addresses();
        let person = async |name: &str| {
            let found = format!("SELECT id FROM people WHERE brokerage_id = '{}' AND name = '{name}'", scope.brokerage);
            let id = texts(database, &found).await.remove(0);
            Scope { person: PersonId::parse(&id).expect("an id"), brokerage: scope.brokerage.clone() }
        };
        for (name, duty) in [("Ian", "it_admin"), ("Val", "vendor")] {
            database.execute(&format!("UPDATE people SET duty = '{duty}' WHERE name = '{name}'")).await;
        }
        let signed = async |who: &str, scope: &Scope| {
            let visitor = Visitor::new(&served.origin, &Seen::default());
            visitor.takes_cookie("__Host-portal", &portal_session(app, scope).await);
            Caller::inside(who, visitor, "/overview").await
        };
        let ended = signed("whose session ended", &person("Eve").await).await;
        database.execute("DELETE FROM sessions").await;
        let inside = [
            ("coordinates", true, signed("coordinates", &scope).await),
            ("mail administrator", true, signed("mail administrator", &person("Ian").await).await),
            ("of another company", false, signed("of another company", &person("Val").await).await),
        ];
        let stranger = signed("of another office", &other).await;
        let nobody = Caller { who: "nobody".to_owned(), visitor: Visitor::new(&served.origin, &Seen::default()), token: String::new() };

        let mut wrong = Vec::new();
        let mut looked = 0;
        for (name, method, who) in PORTAL {
            if *who == Everybody {
                continue;
            }
            let route = addresses[name];
            let path = asked(route, connection.as_str(), scope.brokerage.as_str());
            for caller in [&nobody, &ended] {
                let came = caller.tries(database, method, &path, connection.as_str()).await;
                looked += 1;
                if !came.is_turned_away() {
                    wrong.push(format!("{} {method} {path}: {} {}", caller.who, came.status, came.place));
                }
            }
            if route.contains("{id}") {
                let came = stranger.tries(database, method, &path, connection.as_str()).await;
                looked += 1;
                // What leads on leads to a page that is not there either.
                let leads = came.status == 303 && came.place.starts_with("/connections/");
                let nowhere = leads
                    && stranger.tries(database, "get", &came.place, connection.as_str()).await.status == 404;
                // An id of nothing says so to everybody alike.
                let of_nothing = came.status == 303 && came.place == "/people" && path.contains(NOTHING);
                if !(nowhere || of_nothing || came.status == 404 || (came.status >= 400 && *method == "post")) || came.left_a_line {
                    wrong.push(format!("{} {method} {path}: {} {}", stranger.who, came.status, came.place));
                }
            }
            for (duty, invites, caller) in &inside {
                let came = caller.tries(database, method, &path, connection.as_str()).await;
                looked += 1;
                let as_listed = match who {
                    Inviting if !invites => came.status == 403 && !came.left_a_line,
                    OwnRule => came.status >= 400 && !came.left_a_line,
                    _ => came.may(),
                };
                if !as_listed {
                    wrong.push(format!("{duty} {method} {path}: {} {}", came.status, came.place));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(looked > 350, "{looked} pairs of route and caller");
    }
}
