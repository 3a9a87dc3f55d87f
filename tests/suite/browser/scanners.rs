//! Mail systems open, preview and press what is in a mail before anybody reads it. Every link that we mail is met by
//! each of their habits: afterwards nobody is signed in, nothing is spent, and the person's own press still works.

use std::time::Duration;

use fantoccini::Locator;
use futures_util::future::join_all;
use reqwest::Method;

use super::chromium::{self, Chromium, Scripts};
use crate::{
    databases::{Database, Kind},
    world::{Admin, NeedleKind, World, client::client, comes_in, rows, visitor::Visitor},
};

/// What a scanner does with a link.
#[derive(Debug, Clone, Copy)]
enum Habit {
    AsksForTheHead,
    FetchesFiftyTimesAtOnce,
    ComesAsAnotherProgram,
    ForgetsItsCookies,
    Prerenders,
    PostsEveryForm,
    RunsScripts,
    PressesEverything,
}

const HABITS: [Habit; 8] = [
    Habit::AsksForTheHead,
    Habit::FetchesFiftyTimesAtOnce,
    Habit::ComesAsAnotherProgram,
    Habit::ForgetsItsCookies,
    Habit::Prerenders,
    Habit::PostsEveryForm,
    Habit::RunsScripts,
    Habit::PressesEverything,
];

const AGENTS: [&str; 4] = [
    "",
    "curl/8.5.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 SafeLinks",
    "Barracuda Sentinel (EE)",
];

/// A link of a mail, and whose it is.
struct Mailed {
    what: &'static str,
    path: String,
    address: String,
}

/// Fetches a path of the portal with nothing but these lines.
async fn fetches(world: &World<'_>, method: Method, path: &str, lines: &[(&str, &str)]) {
    let request = client().request(method.clone(), format!("{}{path}", world.portal));
    let request = lines.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = request.send().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
    assert!(answer.status().as_u16() < 500, "{method} {path}: {}", answer.status());
}

impl Habit {
    async fn meets(self, world: &World<'_>, path: &str, window: &Chromium) {
        match self {
            Habit::AsksForTheHead => fetches(world, Method::HEAD, path, &[]).await,
            Habit::FetchesFiftyTimesAtOnce => {
                join_all((0..50).map(|_| fetches(world, Method::GET, path, &[]))).await;
            }
            Habit::ComesAsAnotherProgram => {
                for agent in AGENTS {
                    fetches(world, Method::GET, path, &[("user-agent", agent)]).await;
                }
            }
            Habit::ForgetsItsCookies => follows_all(world, path, &[]).await,
            Habit::Prerenders => {
                let lines = [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")];
                follows_all(world, path, &lines).await;
            }
            Habit::PostsEveryForm => posts_all(world, path).await,
            Habit::RunsScripts => {
                window.client.delete_all_cookies().await.expect("cookies are forgotten");
                window.goes_to(&format!("{}{path}", world.portal)).await;
                window.find("main h1").await;
            }
            Habit::PressesEverything => presses_all(world, path, window).await,
        }
    }
}

/// Opens the page and everything that it leads to, each time as somebody new.
async fn follows_all(world: &World<'_>, path: &str, lines: &[(&str, &str)]) {
    let page = Visitor::new(&world.portal, &world.seen).opens(path).await;
    for (to, _) in page.html().links() {
        if to.starts_with('/') {
            fetches(world, Method::GET, &to, lines).await;
        }
    }
    fetches(world, Method::GET, path, lines).await;
}

/// Posts each form of the page as it stands: as a browser would, without cookies, and without saying where from.
async fn posts_all(world: &World<'_>, path: &str) {
    let visitor = Visitor::new(&world.portal, &world.seen);
    let page = visitor.opens(path).await;
    for form in page.html().forms() {
        visitor.posts(&form).await;
        Visitor::new(&world.portal, &world.seen).posts(&form).await;
        let bare = client().post(format!("{}{}", world.portal, form.action)).form(&form.fields);
        let answer = bare.header("cookie", visitor.cookie_line()).send().await.expect("an answer");
        assert!(answer.status().as_u16() < 500, "{}: {}", form.action, answer.status());
    }
}

/// Presses each link and button of the page in a browser that knows nothing yet.
async fn presses_all(world: &World<'_>, path: &str, window: &Chromium) {
    let all = Locator::Css("main a, main button, main summary, footer button");
    let mut at = 0;
    loop {
        window.client.delete_all_cookies().await.expect("cookies are forgotten");
        window.goes_to(&format!("{}{path}", world.portal)).await;
        let found = window.client.find_all(all).await.expect("elements");
        let Some(one) = found.into_iter().nth(at) else { break };
        at += 1;
        // What cannot be pressed is hidden or leads nowhere.
        let _ = one.click().await;
        window.find("body").await;
    }
    assert!(at > 2, "{path} has nothing to press");
}

/// A link of a letter.
fn link(world: &World<'_>, text: &str) -> String {
    let found = text.split_whitespace().find_map(|word| word.strip_prefix(&world.portal));
    found.unwrap_or_else(|| panic!("no link in:\n{text}")).to_owned()
}

/// One link of each kind, from the mails that an office gets.
async fn mailed(world: &World<'_>, admin: &Admin) -> Vec<Mailed> {
    let company = admin.sample.brokerage.company.clone();
    let (dana, _) = comes_in(&world.staff_site, "Dana Reyes", &world.seen).await;
    let of = |what, address: &str, text: &str| Mailed {
        what,
        path: link(world, text),
        address: address.to_owned(),
    };
    let mut all = Vec::new();

    let ida = "ida@harbor-and-pine.example";
    let form = dana.opens("/invite").await.form_with("company").with("company", "Harbor & Pine");
    dana.sends(&form.with("contact", "Ida Larsen").with("address", ida)).await;
    all.push(of("invitation", ida, &world.mailbox.gets(ida, "Invitation").await.text));

    admin.begins().await;
    let mut people = Vec::new();
    for name in ["sam", "kim"] {
        let address = format!("{name}@{}", admin.address().split_once('@').expect("an address").1);
        let form = admin.browser.opens("/people").await.form_with("duty").with("contact", name);
        admin.browser.sends(&form.with("address", &address).with("duty", "it_admin")).await;
        people.push((world.mailbox.gets(&address, "Invitation").await, address));
    }
    let (letter, kim) = people.pop().expect("two people");
    comes_by_the_link(world, &link(world, &letter.text), &kim).await;
    let (letter, sam) = people.pop().expect("two people");
    all.push(of("invitation of a colleague", &sam, &letter.text));

    let form = admin.creates_connection("Main office").await;
    let guide = admin.browser.opens(&form.link("Open the guide")).await;
    let send = admin.browser.opens(&guide.link("Send to a colleague")).await;
    let choose = send.form("to choose", |form| form.has("to"));
    let id =
        rows::texts(world.database, "SELECT id FROM people WHERE name = 'kim'").await.remove(0).remove(0);
    admin.browser.sends(&choose.with("to", &id)).await;
    all.push(of("step of the guide", &kim, &world.mailbox.gets(&kim, "A step for you").await.text));

    let review = admin.enters(&form, &admin.credential()).await;
    admin.submits(&review).await;
    let letter = admin.mail("Verified").await;
    world.mailbox.gets(&kim, "Verified").await;
    all.push(of("outcome", admin.address(), &letter.text));

    let found = dana.opens("/?view=all").await;
    let item = dana.opens(&found.link(&company)).await;
    let page = dana.opens(&item.link(&company)).await;
    dana.sends(&page.form_that_says("Accept")).await;
    all.push(of("acceptance", admin.address(), &admin.mail("Accepted").await.text));
    world.mailbox.gets(&kim, "Accepted").await;
    all
}

/// Somebody without a session opens a link, proves the address and comes out where the link leads.
async fn comes_by_the_link(world: &World<'_>, path: &str, address: &str) -> String {
    world.half_a_minute_passes().await;
    let visitor = world.anonymous();
    let door = visitor.opens(path).await;
    let mut form = door.form_that_says("E-mail me a code");
    if form.has("email") {
        form = form.with("email", address);
    }
    let asked = visitor.sends(&form).await;
    let code = world.mailbox.gets(address, "sign-in code").await.code();
    world.seen.typed(NeedleKind::Code, "a sign-in code", &code);
    let page = visitor.sends(&asked.form_with("code").with("code", &code)).await;
    assert_eq!(page.status, 200, "{}: {}", page.url, page.text());
    page.url
}

/// What must not change by looking: who is signed in, who there is, what was submitted and ticked.
async fn standing(world: &World<'_>) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in ["sessions", "staff_sessions", "people", "brokerages", "attempts", "guide_ticks", "checks"] {
        counts.push(rows::count(world.database, &format!("SELECT COUNT(*) FROM {table}")).await);
    }
    let open = "SELECT COUNT(*) FROM invitations WHERE ended_at IS NULL";
    counts.push(rows::count(world.database, open).await);
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mailed_link_survives_every_habit_of_scanners() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let admin = world.admin("healthy");
    let links = mailed(&world, &admin).await;
    world.rests().await;
    let before = standing(&world).await;
    let codes = "SELECT COUNT(*) FROM mails WHERE kind = 'sign_in_code'";
    let codes_before = rows::count(&database, codes).await;
    let window = Chromium::start(Scripts::On).await;
    for mailed in &links {
        for habit in HABITS {
            habit.meets(&world, &mailed.path, &window).await;
            assert_eq!(standing(&world).await, before, "{}: {habit:?}", mailed.what);
        }
    }
    window.closes().await;
    world.rests().await;
    let pressed = rows::count(&database, codes).await - codes_before;
    assert!((1..=8).contains(&pressed), "{pressed} codes: scanners press, and not without end");
    while world.mailbox.gets_one("", &["sign-in code"], Duration::from_millis(200)).await.is_some() {}

    for mailed in &links {
        let at = comes_by_the_link(&world, &mailed.path, &mailed.address).await;
        let to = if mailed.what.starts_with("invitation") { "/overview" } else { &mailed.path };
        let to = to.split("/steps/").next().unwrap_or_default();
        assert_eq!(at, to, "{}: the human's own press", mailed.what);
    }
    world.ends_well().await;
}
