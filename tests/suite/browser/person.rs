//! A mail administrator at a real browser: the verbs of the story, done by keys and clicks.

use super::chromium::{Chromium, Scripts};
use crate::world::{Admin, NeedleKind, Typed, World};

/// An administrator in front of a window.
pub struct Person {
    pub window: Chromium,
    pub admin: Admin,
    origin: String,
}

impl Person {
    pub async fn sits_down(world: &World<'_>, sample: &str, scripts: Scripts) -> Person {
        let window = Chromium::start(scripts).await;
        Person { window, admin: world.admin(sample), origin: world.portal.clone() }
    }

    /// Opens a page of the portal.
    pub async fn opens(&self, path: &str) {
        self.window.goes_to(&format!("{}{path}", self.origin)).await;
    }

    /// Another person of another brokerage takes the chair: the window forgets the first.
    pub async fn makes_room_for(&mut self, world: &World<'_>, sample: &str) {
        self.window.client.delete_all_cookies().await.expect("cookies are forgotten");
        self.admin = world.admin(sample);
    }

    /// Types the address and asks for the code.
    pub async fn asks_for_a_code(&self) {
        self.admin.typed(NeedleKind::Setting, "an admin's address", self.admin.address());
        self.opens("/sign-in").await;
        self.window.types("email", self.admin.address()).await;
        self.window.presses_the_button().await;
    }

    /// Types the code from the mail.
    pub async fn types_the_code(&self) {
        let code = self.admin.code().await;
        self.window.types("code", &code).await;
        self.window.presses_the_button().await;
    }

    /// Says who the office is.
    pub async fn introduces_the_office(&self) {
        self.window.types("company", &self.admin.sample.brokerage.company).await;
        self.window.types("contact", &self.admin.sample.brokerage.person).await;
        self.window.presses("Begin").await;
    }

    /// From nothing to the overview.
    pub async fn begins(&self) {
        self.asks_for_a_code().await;
        self.types_the_code().await;
        self.introduces_the_office().await;
    }

    /// Makes a connection; the window shows the credential's form then.
    pub async fn creates_connection(&self, name: &str) {
        self.creates_connection_of(self.admin.sample.kind, name).await;
    }

    /// The same of another kind than the sample's.
    pub async fn creates_connection_of(&self, kind: &str, name: &str) {
        self.opens("/connections/new").await;
        self.window.types("name", name).await;
        self.window.chooses("kind", kind).await;
        self.window.presses("Continue").await;
    }

    /// Types a credential and goes on.
    pub async fn enters(&self, typed: &Typed) {
        self.admin.will_type(typed);
        for (field, text) in typed.all() {
            self.window.types(field, text).await;
        }
        self.window.presses("Continue").await;
    }

    pub async fn leaves(self) {
        self.window.closes().await;
    }
}
