//! The pages of a look at a secret, for our own people: the request with what can be done about it, and the one answer
//! that holds the secret.

use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::news::News;
use crate::{
    domain::{
        access::AccessWay,
        access_rules::NoAccess,
        ids::{BrokerageId, ConnectionId},
    },
    http::{form_state::FormState, layout::Layout, pages::portal::access_view::AccessView},
};

/// A secret with fewer characters than this can be spelled out.
const SPELLED: usize = 80;

/// A request.
#[derive(Template)]
#[template(path = "staff/access.html")]
pub(super) struct AccessPage {
    pub(super) layout: Layout,
    pub(super) form: FormState,
    /// Why what was pressed was not done.
    pub(super) conflict: Option<&'static str>,
    pub(super) company: String,
    pub(super) brokerage_id: BrokerageId,
    pub(super) connection_id: ConnectionId,
    pub(super) request: AccessView,
    /// The no of the brokerage that this goes past.
    pub(super) said_no: Option<String>,
    /// What the reader may do as whoever asked.
    pub(super) look: MayLook,
    /// Whether the reader may answer as the second one; `Err` with why not yet.
    pub(super) second: Option<Result<(), NoAccess>>,
    pub(super) may_end: bool,
    pub(super) may_review: bool,
    /// Who looked the emergency over, and what they noted.
    pub(super) review: Option<(String, String)>,
    pub(super) waits_for_review: bool,
    /// Where it hears of an answer or a look; none once it is over.
    pub(super) news: Option<News>,
}

/// What the reader may do as whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MayLook {
    /// They did not ask.
    NotThey,
    /// Press.
    Press,
    /// Sign in anew, then press.
    AfterSignIn,
    /// Not now; why.
    Not(NoAccess),
}

impl AccessPage {
    /// Whether the reader may say no as the second one: that needs no fresh sign-in.
    fn may_decline(&self) -> bool {
        matches!(self.second, Some(Ok(()) | Err(NoAccess::NotFresh)))
    }
}

/// The secret. It stands on this one answer to a form and has no address.
#[derive(Template)]
#[template(path = "staff/secret.html")]
pub(super) struct SecretPage {
    pub(super) layout: Layout,
    pub(super) company: String,
    pub(super) request: AccessView,
    pub(super) viewer: String,
    /// Until when it stands on the page, as a clock shows it.
    pub(super) until: String,
    /// Where the page asks whether the secret may still stand on it.
    pub(super) stands: String,
    pub(super) secret: SecretString,
}

impl SecretPage {
    fn value(&self) -> &str {
        self.secret.expose_secret()
    }

    /// Each character with its sort, so that an O and a 0 are told apart; none for what is too long to be read aloud.
    fn spelled(&self) -> Vec<(char, &'static str)> {
        let value = self.value();
        if value.chars().count() >= SPELLED {
            return Vec::new();
        }
        value.chars().map(|letter| (letter, sort(letter))).collect()
    }
}

const fn sort(letter: char) -> &'static str {
    match letter {
        ' ' => "space",
        'a'..='z' => "small letter",
        'A'..='Z' => "capital letter",
        '0' => "digit zero",
        '1' => "digit one",
        '2'..='9' => "digit",
        '-' => "hyphen",
        '_' => "underscore",
        '.' => "full stop",
        ',' => "comma",
        '~' => "tilde",
        '!' => "exclamation mark",
        '?' => "question mark",
        '@' => "at sign",
        '#' => "number sign",
        '$' => "dollar sign",
        '%' => "percent sign",
        '&' => "ampersand",
        '*' => "asterisk",
        '+' => "plus sign",
        '=' => "equals sign",
        ':' => "colon",
        ';' => "semicolon",
        '/' => "slash",
        '\\' => "backslash",
        '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' => "bracket",
        '|' => "upright bar",
        '\'' | '"' | '`' => "quotation mark",
        _ if letter.is_ascii() => "sign",
        _ => "other letter",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::refused::FieldError,
        http::{layout::QUEUE, render::Sample},
    };

    const HOSTILE: &str = "</code><script>\"'&{{7*7}}";

    impl Sample for AccessPage {
        fn samples() -> Vec<Self> {
            let looks = [
                MayLook::Press,
                MayLook::AfterSignIn,
                MayLook::NotThey,
                MayLook::Not(NoAccess::Waiting),
                MayLook::Not(NoAccess::Frozen),
            ];
            let seconds = [None, Some(Ok(())), Some(Err(NoAccess::NotFresh)), Some(Err(NoAccess::Frozen))];
            let pairs = looks.into_iter().cycle().zip(seconds.into_iter().cycle());
            AccessView::samples()
                .into_iter()
                .zip(pairs)
                .enumerate()
                .map(|(place, (request, (look, second)))| Self {
                    layout: Layout::staff_sample().at(QUEUE),
                    form: match place {
                        0 => FormState::new().refused(vec![FieldError::new("found", HOSTILE)]),
                        _ => FormState::new(),
                    },
                    conflict: (place == 1).then_some("It was stopped."),
                    company: HOSTILE.to_owned(),
                    brokerage_id: BrokerageId::from_random([1; 16]),
                    connection_id: ConnectionId::from_random([1; 16]),
                    request,
                    said_no: (place % 2 == 0).then(|| HOSTILE.to_owned()),
                    look,
                    second,
                    may_end: place % 2 == 0,
                    may_review: place % 3 == 0,
                    review: (place == 4).then(|| (HOSTILE.to_owned(), HOSTILE.to_owned())),
                    waits_for_review: place % 3 == 0,
                    news: (place % 2 == 0).then(News::sample),
                })
                .collect()
        }
    }

    impl Sample for SecretPage {
        fn samples() -> Vec<Self> {
            [HOSTILE.to_owned(), "aO0 -".to_owned(), "{\"private_key\": \"x\"}\n".repeat(40)]
                .into_iter()
                .zip(AccessView::samples())
                .map(|(secret, request)| Self {
                    until: "10:43:20 UTC".to_owned(),
                    stands: "/access/acc_x/open".to_owned(),
                    layout: Layout::staff_sample().at(QUEUE),
                    company: HOSTILE.to_owned(),
                    request,
                    viewer: HOSTILE.to_owned(),
                    secret: SecretString::from(secret),
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        AccessPage::assert_renders();
        SecretPage::assert_renders();
    }
}
