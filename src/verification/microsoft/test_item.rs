//! What a check writes to the test mailbox: a contact and a calendar entry that name themselves.

use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};

use crate::verification::writing::marked_name;

use super::page::Item;

/// Something a check writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The test contact.
    Contact,
    /// The test calendar entry.
    Event,
}

impl Kind {
    /// The collection it lives in.
    pub(super) const fn collection(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Event => "events",
        }
    }

    /// What is written, under this mark.
    pub(super) fn body(self, mark: &str, today: Date) -> Value {
        let name = marked_name(mark);
        match self {
            Self::Contact => {
                json!({"givenName": "MoxiEngage", "surname": "Connection test", "fileAs": name})
            }
            // No attendees: an invitation would go out at once.
            Self::Event => {
                let (start, end) = minute(today);
                json!({
                    "subject": name,
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

    /// Whether it bears this mark.
    pub(super) fn is_ours(self, mark: &str, item: &Item) -> bool {
        let named = match self {
            Self::Contact => &item.file_as,
            Self::Event => &item.subject,
        };
        named.as_deref() == Some(marked_name(mark).as_str())
    }
}

/// The minute in which the test entry stands: tomorrow at nine.
fn minute(today: Date) -> (String, String) {
    let tomorrow = today.saturating_add(1.days());
    (format!("{tomorrow}T09:00:00"), format!("{tomorrow}T09:01:00"))
}
