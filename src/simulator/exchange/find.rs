//! Items looked for: by a window of the calendar, page by page, and by one property.

use jiff::SignedDuration;
use roxmltree::Node;
use serde_json::Value;

use super::asked::{messages, types};
use super::folders;
use super::items::{Sort, written};
use super::said::{Problem, Refused, answer};
use super::session::Session;
use super::shape::{Shape, extended_key};
use crate::simulator::world::mailbox::{Entry, Mailbox, moment};

/// The longest window of a calendar: two years.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366 * 2);
/// The most a page holds.
const PAGE: usize = 1000;

/// Looks for items in one folder.
pub(crate) fn items(call: Node<'_, '_>, session: &Session<'_>) -> Result<String, Refused> {
    if call.attribute("Traversal").is_none() {
        return Err(Refused::schema("The required attribute 'Traversal' is missing."));
    }
    session.open(|mailbox| answer("FindItem", vec![found(call, mailbox, session)]))
}

fn found(call: Node<'_, '_>, mailbox: &Mailbox, session: &Session<'_>) -> Result<String, Problem> {
    let folder = folders::meant_in(messages(call, "ParentFolderIds"), mailbox, session)?;
    let sort = Sort::of(folder);
    let mut all: Vec<&Entry> = folder.entries(mailbox).iter().collect();
    if let Some(restriction) = messages(call, "Restriction") {
        let (what, value) = restricted(restriction)?;
        all.retain(|entry| what.of(entry, sort) == Some(value));
    }
    let (offset, most) = match messages(call, "CalendarView") {
        Some(view) => {
            let (start, end) = window(view)?;
            all.retain(|entry| entry.touches(start, end));
            (0, number(view, "MaxEntriesReturned").unwrap_or(PAGE))
        }
        None => {
            let view = messages(call, "IndexedPageItemView");
            let offset = view.and_then(|view| number(view, "Offset")).unwrap_or(0);
            (offset, view.and_then(|view| number(view, "MaxEntriesReturned")).unwrap_or(PAGE))
        }
    };
    let shape = Shape::read(messages(call, "ItemShape"));
    let total = all.len();
    let page: Vec<String> =
        all.iter().skip(offset).take(most.min(PAGE)).map(|entry| written(entry, sort, &shape)).collect();
    let next = offset.saturating_add(page.len()).min(total);
    Ok(format!(
        "<m:RootFolder IndexedPagingOffset=\"{next}\" TotalItemsInView=\"{total}\" IncludesLastItemInRange=\"{}\">\
         <t:Items>{}</t:Items></m:RootFolder>",
        next >= total,
        page.concat()
    ))
}

fn number(node: Node<'_, '_>, name: &str) -> Option<usize> {
    node.attribute(name)?.parse().ok()
}

fn window(view: Node<'_, '_>) -> Result<(jiff::Timestamp, jiff::Timestamp), Problem> {
    let edge = |name: &str| view.attribute(name).and_then(moment);
    let (Some(start), Some(end)) = (edge("StartDate"), edge("EndDate")) else {
        return Err(Problem::new("ErrorInvalidRequest", "The calendar view needs a start and an end."));
    };
    if end < start {
        let text = "EndDate is earlier than StartDate.";
        return Err(Problem::new("ErrorCalendarEndDateIsEarlierThanStartDate", text));
    }
    if end.duration_since(start) > LONGEST {
        let text = "The specified view range exceeds the maximum range of two years.";
        return Err(Problem::new("ErrorCalendarViewRangeTooBig", text));
    }
    Ok((start, end))
}

/// A property to compare.
enum What {
    Subject,
    Extended(String),
}

impl What {
    fn of<'a>(&self, entry: &'a Entry, sort: Sort) -> Option<&'a str> {
        match self {
            What::Subject if sort == Sort::Contact => entry.fields.get("displayName")?.as_str(),
            What::Subject => entry.fields.get("subject")?.as_str(),
            What::Extended(key) => entry.fields.get("extended")?.get(key).and_then(Value::as_str),
        }
    }
}

/// The one comparison that is understood: a property is equal to a constant.
fn restricted<'a>(restriction: Node<'a, 'a>) -> Result<(What, &'a str), Problem> {
    let unsupported =
        || Problem::new("ErrorUnsupportedPathForQuery", "The path in the restriction is not supported.");
    let equal = types(restriction, "IsEqualTo").ok_or_else(unsupported)?;
    let what = match (types(equal, "FieldURI"), types(equal, "ExtendedFieldURI")) {
        (Some(field), _) => match field.attribute("FieldURI") {
            Some("item:Subject" | "contacts:DisplayName") => What::Subject,
            _ => return Err(unsupported()),
        },
        (None, Some(field)) => What::Extended(extended_key(field).ok_or_else(unsupported)?),
        (None, None) => return Err(unsupported()),
    };
    let constant = types(equal, "FieldURIOrConstant").and_then(|node| types(node, "Constant"));
    let value = constant.and_then(|constant| constant.attribute("Value")).ok_or_else(unsupported)?;
    Ok((what, value))
}
