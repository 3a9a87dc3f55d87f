//! Puts the frame around refusals: whatever went wrong, the reader sees a page of ours with a way out.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};

use super::{
    error::{PageError, Words},
    front::Front,
    layout::Layout,
    reader, render,
    request_id::RequestId,
};

/// When a client may come back after a part of ours was away, in seconds.
const AFTER_AN_OUTAGE: i64 = 30;

/// A refusal as a page.
#[derive(Template)]
#[template(path = "system/refused.html")]
struct RefusedPage {
    layout: Layout,
    words: Words,
    reference: String,
}

/// Turns the refusals of pages, and the bare ones of libraries, into pages.
pub(super) async fn refusals(State(front): State<Front>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let known = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    match refusal(&response) {
        Some(error) => dressed(&front, &known, error, response).await,
        None => response,
    }
}

fn refusal(response: &Response) -> Option<PageError> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    let bare = || {
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        kind.is_none_or(|kind| kind.starts_with("text/plain")).then(|| PageError::from_status(status))
    };
    response.extensions().get::<PageError>().cloned().or_else(bare)
}

async fn dressed(front: &Front, parts: &Parts, error: PageError, bare: Response) -> Response {
    let reference = match &error {
        PageError::Fault(Some(reference)) => reference.clone(),
        PageError::Fault(None) | PageError::Unavailable | PageError::Unsure => {
            parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
        }
        _ => String::new(),
    };
    // No session is read here: this page must stand when the database does not.
    let layout = Layout {
        theme: reader::theme(&parts.headers),
        audience: front.audience,
        ..Layout::bare(front.about.clone())
    };
    let page = RefusedPage { layout, words: error.words(), reference };
    let mut response = render::page_with(error.status(), &page);
    // `Allow`, `Set-Cookie` and `Connection` of the bare answer still hold.
    for (name, value) in bare.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            response.headers_mut().append(name, value.clone());
        }
    }
    let wait = match error {
        PageError::TooMany(until) => Some(until.since(front.clock.now()).as_secs().max(1)),
        PageError::Unavailable | PageError::Unsure => Some(AFTER_AN_OUTAGE),
        _ => None,
    };
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::instant::Instant,
        http::{layout::Theme, render::Sample},
    };

    impl Sample for RefusedPage {
        fn samples() -> Vec<Self> {
            let errors = [
                PageError::Garbled,
                PageError::NotFound,
                PageError::WrongMethod,
                PageError::NotOurForm,
                PageError::Forbidden("Only an owner may invite people."),
                PageError::SignedOut("/overview".to_owned()),
                PageError::Conflict("Somebody else submitted this meanwhile."),
                PageError::TooSlow,
                PageError::TooLarge,
                PageError::WrongKind,
                PageError::Unreadable("A field was sent twice.".to_owned()),
                PageError::TooMany(Instant::from_micros(1_795_257_720_000_000)),
                PageError::Unavailable,
                PageError::Unsure,
                PageError::Fault(Some("k3v9".to_owned())),
            ];
            errors
                .into_iter()
                .map(|error| Self {
                    layout: Layout { theme: Theme::Dark, ..Layout::bare(std::sync::Arc::default()) },
                    words: error.words(),
                    reference: if matches!(error, PageError::Fault(_)) {
                        "k3v9".into()
                    } else {
                        String::new()
                    },
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        RefusedPage::assert_renders();
    }
}
