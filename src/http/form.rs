//! Reading a form: how it was sent, whether it is ours, and what was typed.
//!
//! A form whose hidden value is stale is not lost: the reader gets a page that carries what was typed (never a
//! secret) and sends it again with a fresh value.

use askama::Template;
use axum::{
    body::Body,
    extract::{FromRequest, OptionalFromRequestParts, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::domain::scope::Scope;

use super::{
    error::PageError,
    form_body::{self, Pairs},
    form_state::FormState,
    layout::{FormToken, Layout},
    reader, render, session, urls, visitor,
};

const TOKEN: &str = "csrf";
const KEY: &str = "form_key";

/// The fields of one form: a struct of texts, each with `#[serde(default)]`, secrets as `SecretString`.
pub trait FormFields: DeserializeOwned {
    /// Names of fields that are never shown again, logged, or hashed.
    const SECRETS: &'static [&'static str] = &[];
    /// Names of fields that may bring a file, which is read as text.
    const FILES: &'static [&'static str] = &[];
    /// The longest such form, in bytes; only one that takes a table is longer than the others.
    const MOST_BYTES: usize = form_body::MOST_BYTES;
}

/// A form that has a button and nothing else: its token, and its key where it has one, are read apart.
#[derive(Deserialize)]
pub struct NoFields {}

impl FormFields for NoFields {}

/// A form that is ours. The last argument of a handler.
pub struct Form<T> {
    /// What was typed, as the page's own struct. Unknown fields are dropped.
    pub fields: T,
    /// What was typed but for secrets, to show the form again.
    pub state: FormState,
    /// The key that makes a second press harmless, when the page had one.
    pub key: Option<String>,
    /// SHA-256 over address and fields without token, key and secrets: the same key with another body is refused.
    pub fingerprint: [u8; 32],
}

/// Somebody who is signed in, as forms of their site take them.
pub trait SignedIn {
    /// Where sign-in leads when what was sent is no page to come back to.
    const HOME: &'static str;
}

impl SignedIn for Scope {
    const HOME: &'static str = urls::OVERVIEW;
}

/// A form of a signed-in person. Use it instead of [`Form`] and [`Scope`] side by side: when the session has ended
/// meanwhile, what was typed is kept.
pub struct ScopedForm<T, W = Scope> {
    /// Whose form it is.
    pub scope: W,
    /// The form.
    pub form: Form<T>,
}

impl<T: FormFields, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        read(&parts, body, false).await
    }
}

impl<T, W, S> FromRequest<S> for ScopedForm<T, W>
where
    T: FormFields,
    W: OptionalFromRequestParts<S, Rejection = PageError> + SignedIn + Send,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let scope: Option<W> =
            W::from_request_parts(&mut parts, state).await.map_err(PageError::into_response)?;
        let form = read(&parts, body, scope.is_none()).await?;
        match scope {
            Some(scope) => Ok(Self { scope, form }),
            None => Err(PageError::SignedOut(W::HOME.to_owned()).into_response()),
        }
    }
}

async fn read<T: FormFields>(parts: &Parts, body: Body, signed_out: bool) -> Result<Form<T>, Response> {
    let mut typed =
        form_body::read(parts, body, T::FILES, T::MOST_BYTES).await.map_err(PageError::into_response)?;
    let token = typed.take(TOKEN).unwrap_or_default();
    let ours = visitor::is_ours(parts, &token).await.map_err(PageError::into_response)?;
    if !ours || signed_out {
        return Err(send_again::<T>(parts, typed, signed_out).await);
    }
    let key = typed.take(KEY).filter(|key| is_key(key));
    let fingerprint = fingerprint::<T>(parts, &typed);
    let state = typed
        .iter()
        .filter(|(name, _)| !T::SECRETS.contains(name))
        .fold(FormState::new(), |state, (name, value)| state.with(name, value));
    let fields = typed.into_fields().map_err(|_| {
        let sentence = "A part of the form is missing. Open the page again and send it once more.";
        PageError::Unreadable(sentence.to_owned()).into_response()
    })?;
    Ok(Form { fields, state, key, fingerprint })
}

fn is_key(key: &str) -> bool {
    (16..=64).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A secret in here would let a thief of the database try passwords against the hash.
fn fingerprint<T: FormFields>(parts: &Parts, typed: &Pairs) -> [u8; 32] {
    let mut pairs: Vec<(&str, &str)> = typed.iter().filter(|(name, _)| !T::SECRETS.contains(name)).collect();
    pairs.sort_unstable();
    let mut digest = Sha256::new();
    for text in std::iter::once(parts.uri.path()).chain(pairs.into_iter().flat_map(|(a, b)| [a, b])) {
        digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().into()
}

/// What was typed, on a page that sends it again.
#[derive(Template)]
#[template(path = "system/send_again.html")]
struct SendAgain {
    layout: Layout,
    /// The hidden value: one that still holds after the next sign-in, where that is what is missing.
    token: FormToken,
    signed_out: bool,
    secrets: bool,
    action: String,
    kept: Vec<(String, String)>,
}

async fn send_again<T: FormFields>(parts: &Parts, typed: Pairs, signed_out: bool) -> Response {
    let kept = typed
        .iter()
        .filter(|(name, _)| !T::SECRETS.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let layout = reader::layout(parts).await;
    let token = if signed_out { visitor::token_of_return(parts) } else { layout.token.clone() };
    let page = SendAgain {
        layout,
        token,
        signed_out,
        secrets: !T::SECRETS.is_empty(),
        action: urls::own_path(session::here(parts)).unwrap_or(urls::HOME).to_owned(),
        kept,
    };
    render::page_with(StatusCode::FORBIDDEN, &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    impl Sample for SendAgain {
        fn samples() -> Vec<Self> {
            let kept = vec![("company".to_owned(), "Pine & <b>Oak</b>\"".to_owned())];
            [(true, true), (false, false)]
                .into_iter()
                .map(|(signed_out, secrets)| Self {
                    layout: Layout::sample(),
                    token: Layout::sample().token,
                    signed_out,
                    secrets,
                    action: "/connections/new".to_owned(),
                    kept: kept.clone(),
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        SendAgain::assert_renders();
    }
}
