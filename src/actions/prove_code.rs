//! Somebody types a sign-in code into the browser that asked for it.

use std::net::IpAddr;

use super::ask_code::{ADDRESS_BOX, BROWSER, CODE, TRIES, WRONG, network};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::{Actor, AuditLine},
        code,
        instant::Instant,
        refused::Refused,
        scope::Scope,
    },
    store::{CodeMail, Quiet, Read, StoredPerson, StoredSignIn, Write},
};

/// How a browser's sign-in stands, for the page that asks for the code.
pub struct Waiting {
    /// The address the code went to.
    pub address: MailAddress,
    /// What can be done now.
    pub stage: Stage,
    /// How the mail stands.
    pub mail: Option<CodeMail>,
}

/// What can be done with a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Type the code: so many tries are left, until then.
    Open {
        /// Tries left.
        tries: i64,
        /// When the code ends.
        until: Instant,
    },
    /// The code's ten minutes are over.
    Expired,
    /// Too many wrong codes.
    Locked,
    /// It was used.
    Used,
    /// The code was right, and nobody has this address yet.
    Proven,
}

/// What came of a code.
pub enum Proof {
    /// It was right, and this is whose address it is.
    Known(Scope),
    /// It was right, and nobody has this address yet.
    New,
    /// It was wrong; so many tries are left.
    Wrong(i64),
    /// It cannot be tried any more; [`standing`] says why.
    Over,
}

/// How the sign-in of a browser stands; `None` when this browser asked for none.
///
/// Errs when the database is away.
pub async fn standing(app: &App, cookie: &str) -> Result<Option<Waiting>, Refused> {
    let mut read = app.store.read().await?;
    let Some(sign_in) = of_browser(app, &mut read, cookie).await? else { return Ok(None) };
    let now = read.shared_now().await?;
    let mail = read.code_mail(&sign_in.id).await?;
    let address = app.from_box(ADDRESS_BOX, sign_in.id.as_str(), &sign_in.address_box)?;
    Ok(Some(Waiting { address, stage: stage(&sign_in, now), mail }))
}

fn stage(sign_in: &StoredSignIn, now: Instant) -> Stage {
    match sign_in {
        StoredSignIn { ended_at: Some(_), .. } => Stage::Used,
        StoredSignIn { proven_at: Some(_), .. } => Stage::Proven,
        StoredSignIn { tries_left: 0, .. } => Stage::Locked,
        StoredSignIn { expires_at, .. } if *expires_at <= now => Stage::Expired,
        StoredSignIn { tries_left, expires_at, .. } => Stage::Open { tries: *tries_left, until: *expires_at },
    }
}

pub(super) async fn of_browser(
    app: &App,
    read: &mut Read,
    cookie: &str,
) -> Result<Option<StoredSignIn>, Refused> {
    Ok(read.sign_in_of(&app.blind(BROWSER, cookie)).await?)
}

/// Tries a code. Each try is counted and committed before the answer is known to anybody.
///
/// Errs with a field when the text cannot be a code, which costs no try.
pub async fn prove_code(app: &App, cookie: &str, typed: &str, from: IpAddr) -> Result<Proof, Refused> {
    let Some(code) = code::parse(typed) else {
        return Err(Refused::field("code", "Enter the 8 letters and digits from the mail"));
    };
    let mut write = app.store.write().await?;
    let Some(sign_in) = of_browser(app, &mut write, cookie).await? else { return Ok(Proof::Over) };
    let now = write.shared_now().await?;
    if !write.use_sign_in_try(&sign_in.id, now).await? {
        return Ok(Proof::Over);
    }
    let right = app.vault.settings.mac_fits(CODE, &[cookie.as_bytes(), code.as_bytes()], &sign_in.code_mac);
    if right { proven(write, &sign_in, now).await } else { wrong(app, write, &sign_in, from).await }
}

async fn wrong(app: &App, mut write: Write, sign_in: &StoredSignIn, from: IpAddr) -> Result<Proof, Refused> {
    let address: MailAddress = app.from_box(ADDRESS_BOX, sign_in.id.as_str(), &sign_in.address_box)?;
    WRONG.take(app, &mut write, &format!("{} {}", address.key(), network(from))).await?;
    let left = sign_in.tries_left - 1;
    if left > 0 {
        write.commit_quietly(Quiet::RateLimit).await?;
    } else {
        let line = AuditLine::new(Actor::Anonymous, "sign_in.lock", sign_in.id.as_str());
        write.commit(&[line.with("tries", TRIES.to_string())]).await?;
    }
    Ok(Proof::Wrong(left))
}

async fn proven(mut write: Write, sign_in: &StoredSignIn, now: Instant) -> Result<Proof, Refused> {
    write.prove_sign_in(&sign_in.id, now).await?;
    match write.person_at(&sign_in.address_key).await? {
        Some(stored) => {
            write.end_sign_in(&sign_in.id, now).await?;
            let (scope, line) = entered(&stored, sign_in);
            write.commit(&[line]).await?;
            Ok(Proof::Known(scope))
        }
        None => {
            write.commit(&[AuditLine::new(Actor::Anonymous, "sign_in.prove", sign_in.id.as_str())]).await?;
            Ok(Proof::New)
        }
    }
}

/// The scope of a person who signs in, and the audit line that tells it.
pub(super) fn entered(stored: &StoredPerson, sign_in: &StoredSignIn) -> (Scope, AuditLine) {
    let person = &stored.person;
    let line = AuditLine::new(Actor::Person(person.id.clone()), "person.sign_in", sign_in.id.as_str())
        .of(&person.brokerage_id);
    (Scope { brokerage: person.brokerage_id.clone(), person: person.id.clone() }, line)
}
