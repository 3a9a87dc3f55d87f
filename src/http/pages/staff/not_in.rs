//! Why somebody was not signed in to the staff site, and what they can do.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    actions::staff_sign_in::{Case, NotIn},
    http::{error::PageError, layout::Layout, render::page_with, request_id::RequestId, urls},
};

/// Nobody came in.
#[derive(Template)]
#[template(path = "staff/not_in.html")]
struct NotInPage {
    layout: Layout,
    title: &'static str,
    sentence: &'static str,
    what_helps: &'static str,
    /// Where trying again begins; empty where that is of no use.
    again: String,
    reference: String,
}

/// The page for a refusal; what went wrong on our side has the page it has everywhere.
pub(super) fn shown(why: NotIn, layout: Layout, next: &str, id: &RequestId) -> Response {
    let case = why.case();
    if let NotIn::Ours(refused) = why {
        return PageError::from(refused).into_response();
    }
    let (status, title, sentence, what_helps) = words(case);
    let again = if case == Case::NotSetUp { String::new() } else { urls::staff_begin_then(next) };
    page_with(status, &NotInPage { layout, title, sentence, what_helps, again, reference: id.0.clone() })
}

type Told = (StatusCode, &'static str, &'static str, &'static str);

fn words(case: Case) -> Told {
    const OPERATOR: &str = "Tell whoever runs this site and give them the reference below.";
    match case {
        Case::NotSetUp => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Nobody can sign in here yet",
            "The company's sign-in has not been set up on this installation.",
            "Whoever runs it sets [staff.openid] in the settings file.",
        ),
        Case::Away => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The company's sign-in does not answer",
            "You were not signed in. This site works, but the service that knows your account gave no answer.",
            "Try again in a few minutes. If other sites of the company cannot be opened either, it is known.",
        ),
        Case::Denied => (
            StatusCode::FORBIDDEN,
            "You did not sign in",
            "The company's sign-in sent you back without signing you in.",
            "Sign in again and go through to the end. If you are not let through, ask whoever runs the accounts.",
        ),
        Case::Again => (
            StatusCode::BAD_REQUEST,
            "This sign-in is no longer good",
            "It was begun in another browser or another tab, more than ten minutes ago, or it has been used already.",
            "Begin once more. If you see this page each time, your browser refuses our cookies: allow them for this site.",
        ),
        Case::Old => (
            StatusCode::FORBIDDEN,
            "Sign in afresh",
            "You signed in at the company too long ago for this site, or it does not tell us when.",
            "Sign out at the company's sign-in and sign in again. If that does not help, whoever runs it must have it send the claim auth_time.",
        ),
        Case::Weak => (
            StatusCode::FORBIDDEN,
            "This site asks for a stronger sign-in",
            "You signed in at the company in a way that is not enough here.",
            "Sign in with your second factor. If you have none, ask whoever runs the accounts.",
        ),
        Case::SetUp => (
            StatusCode::BAD_GATEWAY,
            "The company's sign-in does not know this site",
            "You were not signed in. The two are not set up for each other.",
            OPERATOR,
        ),
        Case::NotBelieved | Case::Ours => (
            StatusCode::BAD_GATEWAY,
            "We could not trust the answer",
            "You were not signed in. What came back from the company's sign-in did not pass our checks.",
            OPERATOR,
        ),
        Case::NoRole => (
            StatusCode::FORBIDDEN,
            "You have no role here",
            "We know who you are, but the company has not given you a role on this site.",
            "Ask whoever runs the accounts for one, such as reviewer or support. Then sign in again.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    const CASES: &[Case] = &[
        Case::NotSetUp,
        Case::Away,
        Case::Denied,
        Case::Again,
        Case::Old,
        Case::Weak,
        Case::SetUp,
        Case::NotBelieved,
        Case::NoRole,
    ];

    impl Sample for NotInPage {
        fn samples() -> Vec<Self> {
            CASES
                .iter()
                .map(|case| {
                    let (_, title, sentence, what_helps) = words(*case);
                    Self {
                        layout: Layout { signed_in: false, name: None, ..Layout::staff_sample() },
                        title,
                        sentence,
                        what_helps,
                        again: urls::staff_begin_then("/connections/x"),
                        reference: "k3v9".to_owned(),
                    }
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        NotInPage::assert_renders();
    }
}
