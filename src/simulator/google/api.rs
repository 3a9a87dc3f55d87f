//! The three APIs, and what each is called where.

use serde::Deserialize;

/// What stands before the last word of a scope.
pub(crate) const SCOPE: &str = "https://www.googleapis.com/auth/";

/// One API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Api {
    People,
    Calendar,
    Gmail,
}

impl Api {
    /// The name of the service, as the console and the errors have it.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Api::People => "people.googleapis.com",
            Api::Calendar => "calendar-json.googleapis.com",
            Api::Gmail => "gmail.googleapis.com",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Api::People => "People API",
            Api::Calendar => "Google Calendar API",
            Api::Gmail => "Gmail API",
        }
    }

    /// Does it repeat its reasons in the older list `errors`?
    pub(crate) fn lists_errors(self) -> bool {
        self != Api::People
    }
}

/// One method of an API: what it needs and what it is called in errors.
pub(crate) struct Method {
    pub(crate) api: Api,
    pub(crate) name: &'static str,
    /// Any one of these scopes opens it; short words, or whole addresses.
    pub(crate) scopes: &'static [&'static str],
}

/// A scope in full; one that is an address already stays as it is.
pub(crate) fn scope(word: &str) -> String {
    if word.contains("://") { word.to_owned() } else { format!("{SCOPE}{word}") }
}

/// Scopes that exist, by their short words.
const KNOWN: [&str; 20] = [
    "contacts",
    "contacts.readonly",
    "contacts.other.readonly",
    "directory.readonly",
    "calendar",
    "calendar.readonly",
    "calendar.events",
    "calendar.events.readonly",
    "calendar.events.owned",
    "calendar.settings.readonly",
    "gmail.send",
    "gmail.compose",
    "gmail.modify",
    "gmail.readonly",
    "gmail.metadata",
    "gmail.labels",
    "gmail.settings.basic",
    "gmail.settings.sharing",
    "drive",
    "cloud-platform",
];

/// Is there a scope of this name?
pub(crate) fn exists(scope: &str) -> bool {
    let short = scope.strip_prefix(SCOPE);
    scope == "https://mail.google.com/" || short.is_some_and(|word| KNOWN.contains(&word))
}
