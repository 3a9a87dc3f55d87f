//! One of our own people signs in at the company's provider.
//!
//! Nothing is kept while they are there: state, nonce and verifier are made from the browser's cookie. When they come
//! back, the cookie's digest is spent before the provider is asked anything, so the same return never works twice.

use std::net::IpAddr;

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use super::limits::Limit;
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::StaffId,
        instant::Instant,
        refused::Refused,
        staff::{StaffRole, StaffScope},
    },
    openid::{Back, Login, Refusal, Vouched},
    store::{NewStaff, Quiet},
};

/// How long somebody may take at the provider.
pub const LOGIN_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// Returns from one address of the network. A whole company may share one; who tries codes of their own is slowed.
const RETURNS: Limit = Limit { what: "staff sign-in", window: SignedDuration::from_mins(10), most: 100 };

/// A browser that comes back from the provider.
pub struct Returning<'a> {
    /// The whole value of its cookie.
    pub cookie: &'a str,
    /// When it was sent there, as the cookie says.
    pub begun_at: Instant,
    /// The state it brings.
    pub state: &'a str,
    /// The code it brings, where the provider let its owner in.
    pub code: Option<&'a str>,
    /// The issuer it names.
    pub issuer: Option<&'a str>,
    /// Where the request came from.
    pub from: IpAddr,
}

/// Somebody who is in.
pub struct SignedIn {
    /// Who, and with which roles.
    pub scope: StaffScope,
    /// When they signed in at the provider.
    pub auth_time: Instant,
    /// The way in which they did.
    pub acr: Option<String>,
}

/// Why nobody came in.
#[derive(Debug)]
pub enum NotIn {
    /// No provider is set up.
    NotSetUp,
    /// Something about the provider or what it sent.
    Provider(Refusal),
    /// The provider vouches for them, and none of their roles is one of ours.
    NoRole,
    /// Something on our side.
    Ours(Refused),
}

impl NotIn {
    /// A return that belongs to no sign-in of this browser.
    pub const fn stale() -> Self {
        Self::Provider(Refusal::Stale)
    }

    /// What to tell them.
    pub fn case(&self) -> Case {
        match self {
            Self::NotSetUp => Case::NotSetUp,
            Self::NoRole => Case::NoRole,
            Self::Ours(_) => Case::Ours,
            Self::Provider(refusal) => match refusal {
                Refusal::Away(_) | Refusal::Busy => Case::Away,
                Refusal::Denied => Case::Denied,
                Refusal::Stale => Case::Again,
                Refusal::Old => Case::Old,
                Refusal::Weak => Case::Weak,
                Refusal::NotKnown | Refusal::Discovery => Case::SetUp,
                _ => Case::NotBelieved,
            },
        }
    }
}

/// The cases that people are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// No provider is set up here.
    NotSetUp,
    /// The provider does not answer.
    Away,
    /// They did not go through with it, or the provider does not let them.
    Denied,
    /// Begun elsewhere, too long ago, or once already: begin again.
    Again,
    /// Signed in at the provider too long ago, or it does not say when.
    Old,
    /// Not signed in as strongly as this site asks for.
    Weak,
    /// Provider and site are not set up for each other.
    SetUp,
    /// What the provider sent is not believed.
    NotBelieved,
    /// No role here.
    NoRole,
    /// Something on our side; it has a page of its own.
    Ours,
}

impl Case {
    /// What is counted of it.
    const fn word(self) -> &'static str {
        match self {
            Self::NotSetUp => "not_set_up",
            Self::Away => "provider_away",
            Self::Denied => "denied",
            Self::Again => "stale",
            Self::Old => "too_old",
            Self::Weak => "too_weak",
            Self::SetUp => "set_up",
            Self::NotBelieved => "not_believed",
            Self::NoRole => "no_role",
            Self::Ours => "ours",
        }
    }
}

impl From<Refused> for NotIn {
    fn from(refused: Refused) -> Self {
        Self::Ours(refused)
    }
}

impl From<crate::store::StoreError> for NotIn {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Ours(error.into())
    }
}

/// Where this browser goes to sign in. `cookie` is the whole value of the cookie that it gets. `anew`: also whoever is
/// signed in there still has to show that it is them.
pub async fn begin(app: &App, cookie: &str, anew: bool) -> Result<String, NotIn> {
    let openid = app.openid.as_ref().ok_or(NotIn::NotSetUp)?;
    openid.begin(&Login::of(cookie), anew).await.map_err(|refusal| {
        tell(&refusal);
        NotIn::Provider(refusal)
    })
}

/// Takes somebody in who came back from the provider. Each refusal of what the provider sent has its audit line.
pub async fn finish(app: &App, returning: &Returning<'_>) -> Result<SignedIn, NotIn> {
    let came = take_in(app, returning).await;
    app.metrics.sign_in("staff", came.as_ref().map_or_else(|not_in| not_in.case().word(), |_| "in"));
    came
}

async fn take_in(app: &App, returning: &Returning<'_>) -> Result<SignedIn, NotIn> {
    let openid = app.openid.as_ref().ok_or(NotIn::NotSetUp)?;
    let login = Login::of(returning.cookie);
    let waited = app.clock.now().since(returning.begun_at);
    if !login.has_state(returning.state) || waited.is_negative() || waited > LOGIN_LASTS {
        return Err(NotIn::Provider(Refusal::Stale));
    }
    let Some(code) = returning.code else { return Err(NotIn::Provider(Refusal::Denied)) };
    spend(app, returning).await?;
    let back = Back { code, issuer: returning.issuer };
    match openid.vouch(&login, &back).await {
        Ok(vouched) => enter(app, openid.issuer(), vouched).await,
        Err(refusal) => {
            tell(&refusal);
            note(app, Actor::Anonymous, "staff_site", refusal.word()).await?;
            Err(NotIn::Provider(refusal))
        }
    }
}

fn tell(refusal: &Refusal) {
    match refusal {
        Refusal::Away(failure) => tracing::warn!(%failure, "the staff's sign-in provider gave no answer"),
        other => tracing::warn!(cause = other.word(), "a sign-in of staff was refused"),
    }
}

/// Spends this return before anything is asked about it.
async fn spend(app: &App, returning: &Returning<'_>) -> Result<(), NotIn> {
    let meter = RETURNS.of(app, &returning.from.to_string());
    let hash = Sha256::digest(returning.cookie);
    let mut write = app.store.write().await?;
    let now = write.shared_now().await?;
    if let Some(until) = meter.take(&mut write, now).await? {
        return Err(NotIn::Ours(Refused::TooMany(until)));
    }
    let fresh = write.spend_staff_login(&hash, returning.begun_at.plus(LOGIN_LASTS)).await?;
    write.commit_quietly(Quiet::Session).await?;
    if fresh { Ok(()) } else { Err(NotIn::Provider(Refusal::Stale)) }
}

/// The owner of a colleague's address box: their account at the provider.
pub(super) fn address_owner(issuer: &str, subject: &str) -> String {
    format!("{issuer} {subject}")
}

async fn enter(app: &App, issuer: &str, vouched: Vouched) -> Result<SignedIn, NotIn> {
    let roles = match &app.settings.openid {
        Some(settings) => settings.roles_of(vouched.roles.iter().map(String::as_str)),
        None => Vec::new(),
    };
    if roles.is_empty() {
        return turn_away(app, issuer, &vouched).await;
    }
    let owner = address_owner(issuer, &vouched.subject);
    let address_box = match &vouched.address {
        Some(address) => Some(app.to_box("staff.address", &owner, address)?),
        None => None,
    };
    let new = NewStaff {
        id: app.new_id(StaffId::from_random),
        issuer,
        subject: &vouched.subject,
        name: &vouched.name,
        address_box,
        roles: &roles,
    };
    let mut write = app.store.write().await?;
    let staff = write.keep_staff(&new).await?;
    let words: Vec<&str> = roles.iter().map(|role: &StaffRole| role.as_str()).collect();
    let line = AuditLine::new(Actor::Staff(staff.clone()), "staff.sign_in", staff.as_str())
        .with("roles", words.join(" "))
        .with("auth_time", vouched.auth_time.rfc3339());
    write.commit(&[line]).await?;
    let scope = StaffScope { staff, name: vouched.name, roles };
    Ok(SignedIn { scope, auth_time: vouched.auth_time, acr: vouched.acr })
}

/// Somebody without a role of ours. If they ever had one, it and their sessions end here.
async fn turn_away(app: &App, issuer: &str, vouched: &Vouched) -> Result<SignedIn, NotIn> {
    tracing::warn!(cause = "no_role", "a sign-in of staff was refused");
    let mut write = app.store.write().await?;
    let (actor, object) = match write.staff_of_account(issuer, &vouched.subject).await? {
        Some(staff) => {
            write.drop_staff_roles(&staff).await?;
            write.end_staff_sessions_of(&staff).await?;
            (Actor::Staff(staff.clone()), staff.as_str().to_owned())
        }
        None => (Actor::Anonymous, "staff_site".to_owned()),
    };
    write.commit(&[AuditLine::new(actor, "staff.refuse", object).with("cause", "no_role")]).await?;
    Err(NotIn::NoRole)
}

async fn note(app: &App, actor: Actor, object: &str, cause: &'static str) -> Result<(), NotIn> {
    let line = AuditLine::new(actor, "staff.refuse", object).with("cause", cause);
    Ok(app.store.write().await?.commit(&[line]).await?)
}
