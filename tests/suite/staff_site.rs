//! The staff site of a test, served over a real socket, and the browsers of colleagues who are signed in.

use std::net::SocketAddr;

use moxi_onboard::{
    app::{App, outside},
    clock::Clock,
    domain::{
        audit::{Actor, AuditLine},
        ids::StaffId,
        staff::StaffRole,
    },
    http::{door::Door, limits::Limits, serve::serve, staff},
    simulator::openid::Provider,
    store::{NewStaff, Sessions},
    telemetry::Metrics,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower_sessions::{
    SessionStore as _,
    cookie::time::{Duration, OffsetDateTime},
    session::{Id, Record},
};

use crate::{
    databases::{Database, START},
    office,
    world::{free_port, seen::Seen, visitor::Visitor},
};

/// A served staff site. It stops when it is dropped.
pub struct StaffSite {
    pub app: App,
    /// Scheme and host.
    pub origin: String,
    pub seen: Seen,
    _stop: DropGuard,
}

impl StaffSite {
    /// A site on this database, by a clock that stands until it is moved; nobody can sign in by the front door.
    pub async fn open(database: &Database) -> Self {
        Self::with(database, Clock::standing_at(START), "").await
    }

    /// The same by another clock and with more settings. `settings` begins inside of `[staff]`.
    pub async fn with(database: &Database, clock: Clock, settings: &str) -> Self {
        Self::on(free_port(), database, clock, settings).await
    }

    /// The same at an address that was chosen before.
    pub async fn on(at: SocketAddr, database: &Database, clock: Clock, settings: &str) -> Self {
        let text = format!("[staff]\nlisten = \"{at}\"\n{settings}");
        Self::of(office::portal_at(database, clock, &text, true).await).await
    }

    /// A site where people sign in at this provider; `more` is said of it on top.
    pub async fn at(database: &Database, clock: Clock, provider: &Provider, more: &str) -> Self {
        let said = format!(
            "[staff.openid]\nissuer = \"{}\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\n{more}",
            provider.issuer(),
            provider.client_id(),
            provider.client_secret()
        );
        Self::with(database, clock, &said).await
    }

    /// The site of an app.
    pub async fn of(app: App) -> Self {
        let openid = outside::openid(&app.settings, &app.clock).expect("a way out");
        let app = match openid {
            Some(openid) => app.with_openid(openid),
            None => app,
        };
        let door = Door::open(&app.settings.staff, Limits::default()).await.expect("opens");
        let origin = format!("http://{}", door.address().expect("an address"));
        let stop = CancellationToken::new();
        tokio::spawn(serve(door, staff::site(app.clone(), app.metrics.clone()), stop.clone()));
        Self { app, origin, seen: Seen::default(), _stop: stop.drop_guard() }
    }

    /// Somebody's empty browser.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.origin, &self.seen)
    }

    /// The browser of a colleague who has just signed in with these roles. The same name is the same person.
    pub async fn colleague(&self, name: &str, roles: &[StaffRole]) -> Visitor {
        let mut write = self.app.store.write().await.expect("a transaction");
        let new = NewStaff {
            id: self.app.new_id(StaffId::from_random),
            issuer: "https://login.moxi.example",
            subject: name,
            name,
            address_box: None,
            roles,
        };
        let staff = write.keep_staff(&new).await.expect("a row");
        let line = AuditLine::new(Actor::Staff(staff.clone()), "staff.sign_in", staff.as_str());
        write.commit(&[line]).await.expect("a commit");
        let now = self.app.clock.now();
        let who =
            serde_json::json!({ "staff": staff, "name": name, "since": now, "auth_time": now, "acr": "mfa" });
        let mut record = Record {
            id: Id::default(),
            data: [("who".to_owned(), who), ("seen".to_owned(), serde_json::json!(now))].into(),
            expiry_date: OffsetDateTime::now_utc() + Duration::hours(1),
        };
        Sessions::of_staff(self.app.store.clone()).create(&mut record).await.expect("a session");
        let visitor = self.visitor();
        visitor.takes_cookie("__Host-staff", &record.id.to_string());
        visitor
    }
}

/// A served portal beside a staff site.
pub struct Portal {
    /// Scheme and host.
    pub origin: String,
    _stop: DropGuard,
}

/// Serves the portal of an app, on a port of its own.
pub async fn portal_of(app: &App) -> Portal {
    let site = moxi_onboard::config::Site { listen: free_port(), ..app.settings.portal.clone() };
    let door = Door::open(&site, Limits::default()).await.expect("opens");
    let origin = format!("http://{}", door.address().expect("an address"));
    let stop = CancellationToken::new();
    let router = moxi_onboard::http::portal::site(app.clone(), Metrics::new());
    tokio::spawn(serve(door, router, stop.clone()));
    Portal { origin, _stop: stop.drop_guard() }
}

/// The cookie's value of a brokerage admin who has just signed in to the portal.
pub async fn portal_session(app: &App, scope: &moxi_onboard::domain::scope::Scope) -> String {
    let now = app.clock.now();
    let who = serde_json::json!({ "brokerage": scope.brokerage, "person": scope.person, "since": now });
    let mut record = Record {
        id: Id::default(),
        data: [("who".to_owned(), who), ("seen".to_owned(), serde_json::json!(now))].into(),
        expiry_date: OffsetDateTime::now_utc() + Duration::hours(1),
    };
    Sessions::new(app.store.clone()).create(&mut record).await.expect("a session");
    record.id.to_string()
}
