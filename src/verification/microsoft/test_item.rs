//! What a check writes to the test mailbox: a contact and a calendar entry that name themselves.

use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};

use super::{
    page::Item,
    traces::{Kind, Trace},
};

/// How people recognise what a check wrote, should it ever stay behind.
const MARK: &str = "MoxiEngage connection test - safe to delete";

impl Kind {
    /// The collection it lives in.
    pub(super) const fn collection(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Event => "events",
        }
    }

    /// What people call it.
    const fn words(self) -> &'static str {
        match self {
            Self::Contact => "contact \"MoxiEngage Connection test\"",
            Self::Event => "calendar entry \"MoxiEngage connection test - safe to delete\"",
        }
    }

    /// What is written.
    pub(super) fn body(self, today: Date) -> Value {
        match self {
            Self::Contact => {
                json!({"givenName": "MoxiEngage", "surname": "Connection test", "fileAs": MARK})
            }
            // No attendees: an invitation would go out at once.
            Self::Event => {
                let (start, end) = minute(today);
                json!({
                    "subject": MARK,
                    "start": {"dateTime": start, "timeZone": "UTC"},
                    "end": {"dateTime": end, "timeZone": "UTC"},
                    "showAs": "free",
                    "isReminderOn": false,
                })
            }
        }
    }

    /// Where to look for one whose id never arrived.
    pub(super) fn search(self, user: &str, today: Date) -> String {
        match self {
            Self::Contact => format!("{user}/contacts?$top=100&$select=id,fileAs"),
            Self::Event => {
                let (start, end) = minute(today);
                let window = format!("startDateTime={start}Z&endDateTime={end}Z");
                format!("{user}/calendarView?{window}&$top=50&$select=id,subject")
            }
        }
    }

    /// Whether it bears our name.
    pub(super) fn is_ours(self, item: &Item) -> bool {
        let named = match self {
            Self::Contact => &item.file_as,
            Self::Event => &item.subject,
        };
        named.as_deref() == Some(MARK)
    }
}

/// The minute in which the test entry stands: tomorrow at nine.
fn minute(today: Date) -> (String, String) {
    let tomorrow = today.saturating_add(1.days());
    (format!("{tomorrow}T09:00:00"), format!("{tomorrow}T09:01:00"))
}

/// How a page names what was left.
pub(super) fn left_words(kind: Kind, trace: &Trace) -> String {
    match trace {
        Trace::Asked => format!("perhaps the {}", kind.words()),
        _ => format!("the {}", kind.words()),
    }
}
