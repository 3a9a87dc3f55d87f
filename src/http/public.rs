//! The routes of the pages that need nobody signed in and nothing but the frame.

use axum::{
    Router,
    routing::{get, post},
};

use super::{
    assets,
    pages::{about, landing, theme},
    urls,
};

/// The public pages and the assets, for a router with any state.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route(urls::HOME, get(landing::show))
        .route(urls::SIGNED_OUT, get(landing::signed_out))
        .route(urls::HELP, get(about::help))
        .route(urls::TIPS, get(about::tips))
        .route(urls::ADDRESSES, get(about::addresses))
        .route(urls::SECURITY, get(about::security))
        .route(urls::ACCESSIBILITY, get(about::accessibility))
        .route(urls::THEME, post(theme::choose))
        .route(urls::ASSET_ROUTE, get(assets::serve))
}
