//! Makes the frame of a page from the request: the reader's colours, hidden form value, and line of news.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use tower_sessions::Session;

use crate::domain::staff::StaffRole;

use super::{
    front::Front,
    layout::{Layout, Theme},
    session, urls, visitor,
};

/// The cookie that holds the reader's colours.
pub(super) const THEME_COOKIE: &str = "theme";

impl<S: Send + Sync> FromRequestParts<S> for Layout {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(layout(parts).await)
    }
}

pub(super) async fn layout(parts: &Parts) -> Layout {
    let session = parts.extensions.get::<Session>();
    let signed_in = session::signed_in_id(session).await.unwrap_or_default().is_some();
    let front = parts.extensions.get::<Front>();
    let about = front.map(|front| front.about.clone()).unwrap_or_default();
    let head = session::head(session).await;
    Layout {
        theme: theme(&parts.headers),
        token: visitor::token(parts).await,
        form_key: form_key(parts),
        // After a refused form the address on show answers only forms: the colour switch leads home instead.
        here: if parts.method == axum::http::Method::GET {
            urls::own_path(session::here(parts)).unwrap_or(urls::HOME).to_owned()
        } else {
            urls::HOME.to_owned()
        },
        audience: front.map(|front| front.audience).unwrap_or_default(),
        signed_in,
        name: head.name,
        roles: head.roles.iter().filter_map(|word| StaffRole::parse(word)).collect(),
        flash: session::take_line(session).await,
        trouble: session::take_trouble(session).await,
        ..Layout::bare(about)
    }
}

pub(super) fn theme(headers: &HeaderMap) -> Theme {
    visitor::cookie(headers, THEME_COOKIE).map(Theme::from_word).unwrap_or_default()
}

fn form_key(parts: &Parts) -> String {
    parts
        .extensions
        .get::<Front>()
        .map(|front| hex::encode(front.randomness.bytes::<16>()))
        .unwrap_or_default()
}
