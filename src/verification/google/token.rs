//! The exchange of a proof for a token.

use http::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    domain::instant::Instant,
    net::Failure,
    verification::{bearer::Bearer, cut::Cut, evidence::Evidence, pace::Pace, scrub::Scrub, waits::Patience},
};

use super::{
    answer::token_shown,
    call::{Caller, TOKENS, call_to},
    page::Token,
    signing::SigningKey,
};

const GRANT: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
const FORM: &str = "application/x-www-form-urlencoded";

/// What a token is asked for: one scope, as the account itself or as a user.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) scope: &'static str,
    pub(super) user: Option<&'a str>,
}

/// Asks for a token. A place that asks for a short pause is given it.
pub(super) async fn ask(
    caller: &Caller,
    key: &SigningKey,
    (now, wish): (Instant, Wish<'_>),
    pace: &Pace,
    cut: &Cut,
) -> Result<Bearer, Evidence> {
    let mut patience = Patience::new(pace, &caller.hold);
    let proof = key.proof(now, wish.scope, wish.user).ok_or(Evidence::Lost(Failure::BadCall))?;
    loop {
        let shown = match once(caller, &proof, cut).await {
            Err(Evidence::Shown(shown)) => shown,
            other => return other,
        };
        let busy = matches!(shown.status, 429 | 503);
        if !patience.pause(shown.retry_after.filter(|_| busy), cut).await {
            return Err(Evidence::Shown(shown));
        }
    }
}

async fn once(caller: &Caller, proof: &SecretString, cut: &Cut) -> Result<Bearer, Evidence> {
    // A proof has letters of base64 and points alone, so nothing of it has to be escaped.
    let body = format!("grant_type={GRANT}&assertion={}", proof.expose_secret());
    let call = call_to(Method::POST, TOKENS, "/token", FORM, body.into_bytes())?;
    let answer = caller.send(call, cut).await?;
    let scrub = Scrub::new(vec![proof.clone()]);
    let odd = || Evidence::Shown(Box::new(token_shown(&answer, &scrub)));
    if answer.status != StatusCode::OK {
        return Err(odd());
    }
    let token: Option<Token> = serde_json::from_slice(&answer.body).ok();
    let bearer = token.and_then(|token| token.access_token).and_then(|text| Bearer::parse(&text));
    // A good answer without a token says nothing by its other members.
    bearer.ok_or_else(|| {
        let mut shown = token_shown(&answer, &scrub);
        shown.codes = Vec::new();
        Evidence::Shown(Box::new(shown))
    })
}
