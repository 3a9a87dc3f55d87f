//! Refusals as pages: a title, a sentence, a way out, and a reference for whoever is asked for help.
//!
//! A handler returns a [`PageError`]; the answer it becomes carries its words, and the walls put the frame and the
//! request's reference around them. So nothing here needs the database, the session or the request.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::domain::{instant::Instant, refused::Refused};

use super::urls;

/// Why a page could not be shown, or a form not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageError {
    /// The address or the form was not understood: 400.
    Garbled,
    /// No such page or thing, or not for this person: 404.
    NotFound,
    /// The page cannot be asked this way: 405.
    WrongMethod,
    /// The form came from elsewhere, or without its token: 403.
    NotOurForm,
    /// The person is known and may not do this: 403; the sentence says why.
    Forbidden(&'static str),
    /// Nobody is signed in: leads to sign-in and then to the path.
    SignedOut(String),
    /// Somebody else changed the thing meanwhile: 409; the sentence says what.
    Conflict(&'static str),
    /// The request took too long to arrive: 408.
    TooSlow,
    /// Too much was sent: 413.
    TooLarge,
    /// It was sent in a form the page does not read: 415.
    WrongKind,
    /// Fields to mend, on a page that cannot show them beside their fields: 422.
    Unreadable(String),
    /// Too often: 429; goes on at the time.
    TooMany(Instant),
    /// A part the portal needs is away: 503; nothing was done.
    Unavailable,
    /// Done or not, nobody knows until it is looked at again: 503.
    Unsure,
    /// A fault of ours: 500; the cause is in the log, under the reference when it has one of its own.
    Fault(Option<String>),
}

impl From<Refused> for PageError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Fields(fields) => {
                let sentences: Vec<String> = fields.into_iter().map(|field| field.sentence).collect();
                Self::Unreadable(sentences.join(". "))
            }
            Refused::Conflict(why) => Self::Conflict(why),
            Refused::NotFound => Self::NotFound,
            Refused::Forbidden(why) => Self::Forbidden(why),
            Refused::TooMany(until) => Self::TooMany(until),
            Refused::Unavailable => Self::Unavailable,
            Refused::Unsure => Self::Unsure,
            Refused::Fault(reference) => Self::Fault(Some(reference).filter(|text| !text.is_empty())),
        }
    }
}

/// What an error page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The heading.
    pub title: &'static str,
    /// What happened and what to do.
    pub sentence: String,
    /// When it goes on, if that is known.
    pub until: Option<Instant>,
    /// Address and words of the way out.
    pub way_out: (String, &'static str),
}

impl PageError {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Garbled => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotOurForm | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::SignedOut(_) => StatusCode::SEE_OTHER,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongKind => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable | Self::Unsure => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The error that a bare answer of a library stands for.
    pub fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::WrongMethod,
            StatusCode::FORBIDDEN => Self::NotOurForm,
            StatusCode::REQUEST_TIMEOUT => Self::TooSlow,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::WrongKind,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_server_error() => Self::Fault(None),
            _ => Self::Garbled,
        }
    }

    /// What the page says.
    pub fn words(&self) -> Words {
        let (title, sentence): (&'static str, String) = match self {
            Self::Garbled => (
                "We could not read that",
                "Something in the address or in what was sent is damaged. Go back and try once more.".into(),
            ),
            Self::NotFound => (
                "Page not found",
                "There is no such page, or it is not yours to see. Check the address, or start from the beginning.".into(),
            ),
            Self::WrongMethod => (
                "This page cannot be opened this way",
                "It answers a form, so opening its address shows nothing. Go back and use the form's button.".into(),
            ),
            Self::NotOurForm => (
                "This did not come from our page",
                "Nothing was changed. Open the page on this site again, fill in the form there and send it.".into(),
            ),
            Self::Forbidden(why) => ("You may not do this", (*why).to_owned()),
            Self::SignedOut(_) => ("Sign in first", "This page is for people who are signed in.".into()),
            Self::Conflict(why) => ("Something changed meanwhile", (*why).to_owned()),
            Self::TooSlow => (
                "That took too long",
                "What you sent did not arrive in full. Nothing was saved. Check your connection and send it again.".into(),
            ),
            Self::TooLarge => (
                "That is too much",
                "What you sent is longer than this form can take. Nothing was saved. Shorten it and send it again.".into(),
            ),
            Self::WrongKind => (
                "We cannot read this kind of content",
                "Nothing was saved. Use the form on the page to send your answers.".into(),
            ),
            Self::Unreadable(why) => ("Some answers need another look", why.clone()),
            Self::TooMany(_) => ("Too many tries", "To keep everybody safe we have to wait a little.".into()),
            Self::Unavailable => (
                "We cannot do this right now",
                "A part of our system is away, and nothing was saved. Try again in a few minutes.".into(),
            ),
            Self::Unsure => (
                "We could not tell whether this was saved",
                "Our database did not answer in time, at the very last step. Open the page again in a minute: it shows what was saved. If it was not, do it once more.".into(),
            ),
            Self::Fault(_) => (
                "Something went wrong on our side",
                "It is not your fault. What you had saved before is safe. Try again; if it happens once more, ask us.".into(),
            ),
        };
        Words { title, sentence, until: self.until(), way_out: self.way_out() }
    }

    fn until(&self) -> Option<Instant> {
        let Self::TooMany(until) = self else { return None };
        // People read minutes: the next whole one, or they would come a little early.
        let minutes = until.as_micros().saturating_add(59_999_999).div_euclid(60_000_000);
        Some(Instant::from_micros(minutes.saturating_mul(60_000_000)))
    }

    fn way_out(&self) -> (String, &'static str) {
        match self {
            Self::SignedOut(next) => (urls::sign_in_then(next), "Sign in"),
            Self::Unavailable | Self::Unsure | Self::Fault(_) => (urls::HELP.to_owned(), "How to reach us"),
            _ => (urls::HOME.to_owned(), "Go to the start page"),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        // The plain sentence is what a client gets that is not behind the walls, such as a test of one handler.
        let mut response = (self.status(), self.words().sentence).into_response();
        if let Self::SignedOut(next) = &self
            && let Ok(location) = HeaderValue::from_str(&urls::sign_in_then(next))
        {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response.extensions_mut().insert(self);
        response
    }
}
