//! The whole way by keyboard alone, and the same office at two desks: colleagues at once, and one person who goes on
//! elsewhere.

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::{
    chromium::{self, Chromium, Scripts},
    person::Person,
    rules,
};
use crate::{
    databases::{Database, Kind},
    world::{NeedleKind, World},
};

impl Chromium {
    async fn key(&self, key: Key) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(&key.to_string()).await.expect("a key");
    }

    /// Presses Tab until what has the focus fits; it is seen then, with a ring around it.
    async fn tabs_until(&self, what: &str, fits: impl Fn(&Value) -> bool) {
        let here = "const it = document.activeElement, at = it.getBoundingClientRect(), style = getComputedStyle(it);
            return { says: it.textContent.replace(/\\s+/g, ' ').trim(), name: it.name ?? '', value: it.value ?? '', tag: it.tagName,
                seen: at.width > 0 && at.top < innerHeight && at.bottom > 0,
                ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 }";
        for _ in 0..150 {
            self.key(Key::Tab).await;
            let mut now = self.client.execute(here, Vec::new()).await.expect("an answer");
            if !fits(&now) {
                continue;
            }
            // It is scrolled to in a moment.
            for _ in 0..500 {
                if now["seen"] == json!(true) {
                    break;
                }
                tokio::task::yield_now().await;
                now = self.client.execute(here, Vec::new()).await.expect("an answer");
            }
            assert!(
                now["seen"] == json!(true) && now["ring"] == json!(true),
                "{what} has the focus and shows it: {now}"
            );
            return;
        }
        panic!("no Tab leads to {what}:\n{}", self.reads().await)
    }

    async fn tabs_to_field(&self, name: &str) {
        self.tabs_until(name, |it| it["name"] == json!(name) && it["tag"] != json!("BUTTON")).await;
    }

    /// Tabs to what begins with these words and presses Enter there; the next page is there then.
    async fn goes_by(&self, words: &str) {
        self.tabs_until(words, |it| it["says"].as_str().is_some_and(|says| says.starts_with(words))).await;
        self.enters().await;
    }

    /// Presses Enter and waits until this page is gone.
    async fn enters(&self) {
        let here = self.find("html").await;
        self.key(Key::Enter).await;
        for _ in 0..1500 {
            if here.tag_name().await.is_err() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("Enter leads nowhere:\n{}", self.reads().await);
    }

    async fn keys(&self, text: &str) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(text).await.expect("keys are typed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_is_gone_by_keyboard_alone() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let person = Person::sits_down(&world, "healthy", Scripts::On).await;
    let (window, admin) = (&person.window, &person.admin);
    admin.typed(NeedleKind::Setting, "an admin's address", admin.address());
    person.opens("/").await;
    window.tabs_to_field("email").await;
    window.keys(admin.address()).await;
    window.enters().await;
    window.tabs_to_field("code").await;
    window.keys(&admin.code().await).await;
    window.enters().await;
    window.tabs_to_field("company").await;
    window.keys(&admin.sample.brokerage.company).await;
    window.tabs_to_field("contact").await;
    window.keys(&admin.sample.brokerage.person).await;
    window.enters().await;
    window.goes_by("Start here").await;
    window.tabs_to_field("name").await;
    window.keys("Main office").await;
    window.tabs_to_field("kind").await;
    // Arrows go from choice to choice, and choose.
    for _ in 0..10 {
        let chosen = "return document.querySelector('input[name=kind]:checked')?.value ?? ''";
        if window.client.execute(chosen, Vec::new()).await.expect("an answer") == json!(admin.sample.kind) {
            break;
        }
        window.key(Key::Down).await;
    }
    window.enters().await;
    let typed = admin.credential();
    admin.will_type(&typed);
    // In the order of the page, whatever the list's is.
    let order = "return [...document.querySelectorAll('main form [name]:not([type=hidden]):not(button)')].map(it => it.name)";
    let order = window.client.execute(order, Vec::new()).await.expect("names");
    for name in order.as_array().expect("a list").iter().filter_map(Value::as_str) {
        if let Some((_, text)) = typed.all().find(|(field, text)| *field == name && !text.is_empty()) {
            window.tabs_to_field(name).await;
            window.keys(text).await;
        }
    }
    window.goes_by("Continue").await;
    window.goes_by("Submit credentials").await;
    window.sees("Verified: Main office is connected").await;
    admin.mail("Verified").await;
    let said = rules::quiet(window, "by keyboard").await;
    person.leaves().await;
    assert!(said.is_empty(), "{said:#?}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_at_once_and_one_who_goes_on_elsewhere() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let ida = Person::sits_down(&world, "healthy", Scripts::On).await;
    ida.begins().await;
    let address = format!("kim@{}", ida.admin.address().split_once('@').expect("an address").1);
    ida.opens("/people").await;
    ida.window.types("contact", "Kim Lee").await;
    ida.window.types("address", &address).await;
    ida.window.chooses("duty", "it_admin").await;
    ida.window.presses("Send the invitation").await;
    let letter = world.mailbox.gets(&address, "Invitation").await;
    let link =
        letter.text.split_whitespace().find(|word| word.contains("/invitation/")).expect("a link").to_owned();
    let kim = Chromium::start(Scripts::On).await;
    kim.goes_to(&link).await;
    kim.presses("E-mail me a code").await;
    let code = world.mailbox.gets(&address, "sign-in code").await.code();
    ida.admin.typed(NeedleKind::Code, "a sign-in code", &code);
    kim.types("code", &code).await;
    kim.presses("Sign in").await;

    // Both have the form before them; Kim is first, and Ida is told what changed before hers takes its place.
    ida.creates_connection("Main office").await;
    let form = ida.window.client.current_url().await.expect("an address");
    kim.goes_to(form.as_str()).await;
    kim.types("test_mailbox", "somebody.else@lakeshore-realty.example").await;
    kim.presses("Save and come back later").await;
    let typed = ida.admin.credential();
    ida.enters(&typed).await;
    ida.window.sees("These answers were changed elsewhere").await;
    ida.window.sees("somebody.else@lakeshore-realty.example").await;
    ida.window.presses("Save and come back later").await;

    // Another device: everything is there but the secret.
    ida.window.client.delete_all_cookies().await.expect("another device knows nothing");
    world.half_a_minute_passes().await;
    ida.asks_for_a_code().await;
    ida.types_the_code().await;
    ida.window.presses("Main office").await;
    ida.window.goes_to(form.as_str()).await;
    let kept = ida.window.find("[name=test_mailbox]").await.prop("value").await.expect("a value");
    assert_eq!(kept.as_deref(), Some(ida.admin.sample.test_mailbox.as_str()));
    ida.window.types(typed.secret.0, &typed.secret.1).await;
    ida.window.presses("Continue").await;
    ida.window.sees("Check your answers").await;
    ida.window.presses("Submit credentials").await;
    ida.admin.mail("Verified").await;
    world.mailbox.gets(&address, "Verified").await;
    // Kim comes back to a form that is over: the page of the outcome stands there.
    kim.goes_to(form.as_str()).await;
    kim.sees("Verified: Main office is connected").await;
    let mut said = rules::quiet(&ida.window, "Ida").await;
    said.extend(rules::quiet(&kim, "Kim").await);
    kim.closes().await;
    ida.leaves().await;
    assert!(said.is_empty(), "{said:#?}");
    world.ends_well().await;
}
