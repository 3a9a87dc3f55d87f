//! The whole way by keyboard alone.

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
