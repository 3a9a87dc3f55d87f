//! Somebody types a sign-in code into the browser that asked for it.
//!
//! A code that signs somebody in is spent in one transaction, and the session is written after it, by the layer
//! around the pages. Where the process or the answer is lost between the two, the same press in the same browser
//! (cookie and code) signs in once more within a minute. That was chosen over writing both in one transaction: it
//! needs no second way to write a session, it also answers a button that was pressed twice, and whoever could use
//! it holds all that the first press took.

use std::net::IpAddr;

use jiff::SignedDuration;

use super::{
    ask_code::{ADDRESS_BOX, BROWSER, CODE, TRIES, wrong_codes},
    invitation::{Coming, comes_in, coming},
};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::{Actor, AuditLine},
        code::{self, End},
        ids::SignInId,
        instant::Instant,
        refused::Refused,
        scope::Scope,
    },
    store::{self, CodeMail, Quiet, StoreError, StoredPerson, StoredSignIn, Write},
};

/// How long a proven address may begin a brokerage, by the shared clock.
pub const PROOF_LASTS: SignedDuration = SignedDuration::from_mins(30);
/// How long a spent code signs in once more: for the second of two presses, and for an answer that was lost.
const SECOND_PRESS: SignedDuration = SignedDuration::from_mins(1);

/// What the digest of a press is for.
const PRESS: &str = "sign_ins.press";

/// How a browser's sign-in stands, for the page that asks for the code.
pub struct Waiting {
    /// The address the code went to.
    pub address: MailAddress,
    /// Whether the link of an invitation led here: then nobody here has typed the address, and it is not shown whole.
    pub by_invitation: bool,
    /// What can be done now.
    pub stage: Stage,
    /// How the mail stands.
    pub mail: Option<CodeMail>,
}

/// What can be done with a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Type the code, until then.
    Open {
        /// When the code ends.
        until: Instant,
    },
    /// The code's ten minutes are over.
    Expired,
    /// Too many wrong codes.
    Locked {
        /// When a new code may be asked for from here; `None`: now.
        until: Option<Instant>,
    },
    /// It was used.
    Used,
    /// The same browser asked for a newer code.
    Superseded,
    /// The code was right, and nobody has this address yet.
    Proven,
    /// It was right, too long ago.
    ProofOver,
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

impl Proof {
    /// What is counted of it.
    const fn word(&self) -> &'static str {
        match self {
            Self::Known(_) => "in",
            Self::New => "new",
            Self::Wrong(_) => "wrong",
            Self::Over => "over",
        }
    }
}

/// How the sign-in of this browser stands, or `None` when it asked for no code. `from` is where the request came from.
///
/// Errs when the database is away.
pub async fn standing(app: &App, cookie: &str, from: IpAddr) -> Result<Option<Waiting>, Refused> {
    let browser = app.blind(BROWSER, cookie);
    let mut read = app.store.read().await?;
    let Some(sign_in) = read.sign_in_of(&browser).await? else { return Ok(None) };
    let now = read.shared_now().await?;
    let mail = read.code_mail(&sign_in.id).await?;
    drop(read);
    let address = address_of(app, &sign_in)?;
    let mut stage = stage(&sign_in, now);
    if let Stage::Locked { until } = &mut stage {
        let wrong = wrong_codes(app, &address, from);
        *until = wrong.look(&mut app.store.read().await?, now).await?;
    }
    Ok(Some(Waiting { address, by_invitation: sign_in.by_invitation, stage, mail }))
}

fn stage(sign_in: &StoredSignIn, now: Instant) -> Stage {
    match sign_in {
        StoredSignIn { ended_by: Some(End::Newer), .. } => Stage::Superseded,
        StoredSignIn { ended_at: Some(_), .. } => Stage::Used,
        StoredSignIn { proven_at: Some(_), .. } if is_proven(sign_in, now) => Stage::Proven,
        StoredSignIn { proven_at: Some(_), .. } => Stage::ProofOver,
        StoredSignIn { tries_left: 0, .. } => Stage::Locked { until: None },
        StoredSignIn { expires_at, .. } if *expires_at <= now => Stage::Expired,
        StoredSignIn { expires_at, .. } => Stage::Open { until: *expires_at },
    }
}

/// Whether the sign-in waits for a name, and has not waited too long.
pub(super) fn is_proven(sign_in: &StoredSignIn, now: Instant) -> bool {
    sign_in.ended_at.is_none() && sign_in.proven_at.is_some_and(|at| now.since(at) < PROOF_LASTS)
}

/// The newest sign-in of a browser and the present by the shared clock.
pub(super) async fn of_browser(app: &App, cookie: &str) -> Result<Option<(StoredSignIn, Instant)>, Refused> {
    let browser = app.blind(BROWSER, cookie);
    let mut read = app.store.read().await?;
    let Some(sign_in) = read.sign_in_of(&browser).await? else { return Ok(None) };
    Ok(Some((sign_in, read.shared_now().await?)))
}

pub(super) fn address_of(app: &App, sign_in: &StoredSignIn) -> Result<MailAddress, Refused> {
    app.from_box(ADDRESS_BOX, sign_in.id.as_str(), &sign_in.address_box)
}

/// A press of the form with a code: the browser's cookie, what was typed, and the key of the form it was typed into.
pub struct Typed<'a> {
    /// The cookie of the browser that asked for the code.
    pub cookie: &'a str,
    /// As it was typed.
    pub code: &'a str,
    /// The key of the form, where it has one: the same code in the same form costs one try, however often it is sent.
    pub form: Option<&'a str>,
}

/// Tries a code. What it was is known before the transaction and told after it: there, each wrong code costs a try,
/// and a right one counts only while tries are left, so that codes typed at the same time are no more than five.
///
/// Errs with a field when the text cannot be a code, which costs no try.
pub async fn prove_code(app: &App, typed: &Typed<'_>, from: IpAddr) -> Result<Proof, Refused> {
    let Some(code) = code::parse(typed.code) else {
        return Err(Refused::field("code", "Enter the 8 letters and digits from the mail"));
    };
    let Some((sign_in, _)) = of_browser(app, typed.cookie).await? else { return Ok(Proof::Over) };
    let parts = [typed.cookie.as_bytes(), code.as_bytes()];
    let right = app.vault.settings.mac_fits(CODE, &parts, &sign_in.code_mac);
    let press =
        typed.form.map(|form| app.vault.settings.mac(PRESS, &[&parts[..], &[form.as_bytes()]].concat()));
    let proof = if right { proven(app, &sign_in).await } else { wrong(app, &sign_in, press, from).await }?;
    app.metrics.sign_in("portal", proof.word());
    Ok(proof)
}

async fn wrong(
    app: &App,
    sign_in: &StoredSignIn,
    press: Option<[u8; 32]>,
    from: IpAddr,
) -> Result<Proof, Refused> {
    let meter = wrong_codes(app, &address_of(app, sign_in)?, from);
    let mut write = app.store.write().await?;
    if let Some(press) = press
        && !is_first(&mut write, &sign_in.id, &press).await?
    {
        drop(write);
        let as_before = app.store.read().await?.sign_in(&sign_in.id).await?;
        return Ok(as_before.map_or(Proof::Over, |sign_in| Proof::Wrong(sign_in.tries_left)));
    }
    let now = write.shared_now().await?;
    let so_far = meter.count(&mut write, now).await?;
    let most_left = (TRIES - so_far).max(0);
    let since = now.plus(-SECOND_PRESS);
    let Some(left) = write.use_sign_in_try(&sign_in.id, most_left, now, since).await? else {
        return Ok(Proof::Over);
    };
    if left > 0 {
        write.commit_quietly(Quiet::RateLimit).await?;
        return Ok(Proof::Wrong(left));
    }
    // From the last try on; who goes on with other codes makes it no longer.
    if so_far <= TRIES {
        meter.lock(&mut write, now).await?;
    }
    let line = AuditLine::new(Actor::Anonymous, "sign_in.lock", sign_in.id.as_str());
    write.commit(&[line.with("tries", TRIES.to_string())]).await?;
    Ok(Proof::Wrong(0))
}

/// Whether this press of a form was not counted before; notes it in the transaction that counts it. Reload, and the
/// second of two presses, send the same form once more: that is no guess. Other codes are other presses.
async fn is_first(write: &mut Write, id: &SignInId, press: &[u8; 32]) -> store::Result<bool> {
    let key = format!("code.{}", hex::encode(press));
    if write.form_answer(&key, id.as_str()).await?.is_some() {
        return Ok(false);
    }
    match write.insert_form_answer(&key, id.as_str(), press, "").await {
        Ok(()) => Ok(true),
        // Another one of the same was counted at this very moment.
        Err(StoreError::Conflict) => Ok(false),
        Err(other) => Err(other),
    }
}

async fn proven(app: &App, sign_in: &StoredSignIn) -> Result<Proof, Refused> {
    let invited = coming(app, &sign_in.address_key, &address_of(app, sign_in)?).await?;
    let mut write = app.store.write().await?;
    let now = write.shared_now().await?;
    if !write.prove_sign_in(&sign_in.id, now).await? {
        return Ok(again(write, &sign_in.id, now).await?);
    }
    let Some(stored) = known_or_invited(&mut write, &sign_in.address_key, invited.as_ref()).await? else {
        write.commit(&[AuditLine::new(Actor::Anonymous, "sign_in.prove", sign_in.id.as_str())]).await?;
        return Ok(Proof::New);
    };
    write.end_sign_in(&sign_in.id, End::Known, now, now.plus(-PROOF_LASTS)).await?;
    Ok(enters(write, &sign_in.id, &stored).await?.map_or(Proof::Over, Proof::Known))
}

/// Whose proven address it is; who was invited becomes a person of the brokerage now.
pub(super) async fn known_or_invited(
    write: &mut Write,
    address_key: &[u8],
    invited: Option<&Coming>,
) -> store::Result<Option<StoredPerson>> {
    match (write.person_at(address_key).await?, invited) {
        (Some(stored), _) => Ok(Some(stored)),
        (None, Some(invited)) => comes_in(write, invited).await,
        (None, None) => Ok(None),
    }
}

/// The right code, though the sign-in is not open: the second press of the form that the first one took.
async fn again(mut write: Write, id: &SignInId, now: Instant) -> store::Result<Proof> {
    let Some(sign_in) = write.sign_in(id).await? else { return Ok(Proof::Over) };
    if sign_in.tries_left > 0 && is_proven(&sign_in, now) {
        return Ok(Proof::New);
    }
    Ok(signs_in_again(write, &sign_in, End::Known, now).await?.map_or(Proof::Over, Proof::Known))
}

/// Signs in whom this very sign-in has just signed in, when it ended that way.
pub(super) async fn signs_in_again(
    mut write: Write,
    sign_in: &StoredSignIn,
    by: End,
    now: Instant,
) -> store::Result<Option<Scope>> {
    let just_now = sign_in.ended_at.is_some_and(|ended| now.since(ended) < SECOND_PRESS);
    let Some(person) = sign_in
        .person_id
        .as_ref()
        .filter(|_| just_now && sign_in.ended_by == Some(by) && sign_in.tries_left > 0)
    else {
        return Ok(None);
    };
    let Some(stored) = write.person_of_sign_in(person).await? else { return Ok(None) };
    enters(write, &sign_in.id, &stored).await
}

/// Writes that a person signed in by this sign-in, and commits. `None` when their brokerage was refused: its code went out
/// just before.
pub(super) async fn enters(
    mut write: Write,
    id: &SignInId,
    stored: &StoredPerson,
) -> store::Result<Option<Scope>> {
    let person = &stored.person;
    if write.brokerage(&person.brokerage_id).await?.is_some_and(|it| it.refused_at.is_some()) {
        let line = AuditLine::new(Actor::Anonymous, "sign_in.turn_away", id.as_str());
        write.commit(&[line.of(&person.brokerage_id)]).await?;
        return Ok(None);
    }
    write.own_sign_in(id, &person.id).await?;
    let line = AuditLine::new(Actor::Person(person.id.clone()), "person.sign_in", id.as_str());
    write.commit(&[line.of(&person.brokerage_id)]).await?;
    Ok(Some(Scope { brokerage: person.brokerage_id.clone(), person: person.id.clone() }))
}
