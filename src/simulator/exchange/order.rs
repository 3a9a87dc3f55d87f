//! The order of elements: Exchange reads by its schema, and a request with its elements in another order is refused.

use roxmltree::Node;

use super::said::Refused;

/// An element, its children in their order, and those that have to be there.
struct Rule {
    parent: &'static str,
    children: &'static [&'static str],
    needed: &'static [&'static str],
}

const RULES: [Rule; 11] = [
    Rule { parent: "GetServerTimeZones", children: &["Ids"], needed: &[] },
    Rule { parent: "GetPasswordExpirationDate", children: &["MailboxSmtpAddress"], needed: &[] },
    Rule {
        parent: "GetFolder",
        children: &["FolderShape", "FolderIds"],
        needed: &["FolderShape", "FolderIds"],
    },
    Rule {
        parent: "SyncFolderItems",
        children: &["ItemShape", "SyncFolderId", "SyncState", "Ignore", "MaxChangesReturned", "SyncScope"],
        needed: &["ItemShape", "SyncFolderId", "MaxChangesReturned"],
    },
    Rule {
        parent: "FindItem",
        children: &[
            "ItemShape",
            "IndexedPageItemView",
            "FractionalPageItemView",
            "CalendarView",
            "ContactsView",
            "GroupBy",
            "DistinguishedGroupBy",
            "Restriction",
            "SortOrder",
            "ParentFolderIds",
            "QueryString",
        ],
        needed: &["ItemShape", "ParentFolderIds"],
    },
    Rule { parent: "CreateItem", children: &["SavedItemFolderId", "Items"], needed: &["Items"] },
    Rule { parent: "DeleteItem", children: &["ItemIds"], needed: &["ItemIds"] },
    Rule { parent: "GetItem", children: &["ItemShape", "ItemIds"], needed: &["ItemShape", "ItemIds"] },
    Rule { parent: "Contact", children: CONTACT, needed: &[] },
    Rule { parent: "CalendarItem", children: EVENT, needed: &[] },
    Rule { parent: "FolderShape", children: &["BaseShape", "AdditionalProperties"], needed: &["BaseShape"] },
];

/// The part of the order that a client of ours may come across; further elements may stand anywhere.
const CONTACT: &[&str] = &[
    "Subject",
    "Sensitivity",
    "Body",
    "Categories",
    "Importance",
    "ReminderIsSet",
    "ExtendedProperty",
    "Culture",
    "FileAs",
    "FileAsMapping",
    "DisplayName",
    "GivenName",
    "Initials",
    "MiddleName",
    "Nickname",
    "CompanyName",
    "EmailAddresses",
    "PhysicalAddresses",
    "PhoneNumbers",
    "AssistantName",
    "Birthday",
    "BusinessHomePage",
    "Department",
    "JobTitle",
    "PostalAddressIndex",
    "Surname",
];

const EVENT: &[&str] = &[
    "Subject",
    "Sensitivity",
    "Body",
    "Categories",
    "Importance",
    "ReminderDueBy",
    "ReminderIsSet",
    "ReminderMinutesBeforeStart",
    "ExtendedProperty",
    "UID",
    "Start",
    "End",
    "IsAllDayEvent",
    "LegacyFreeBusyStatus",
    "Location",
    "RequiredAttendees",
    "OptionalAttendees",
];

/// Looks through an operation and everything in it.
pub(crate) fn check(call: Node<'_, '_>) -> Result<(), Refused> {
    for node in call.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        if let Some(rule) = RULES.iter().find(|rule| rule.parent == name) {
            one(node, rule)?;
        }
    }
    Ok(())
}

fn one(node: Node<'_, '_>, rule: &Rule) -> Result<(), Refused> {
    let names: Vec<&str> =
        node.children().filter(Node::is_element).map(|child| child.tag_name().name()).collect();
    let mut reached = 0;
    for name in &names {
        let Some(place) = rule.children.iter().position(|child| child == name) else { continue };
        if place < reached {
            let text = format!("The element '{}' has invalid child element '{name}'.", rule.parent);
            return Err(Refused::schema(&text));
        }
        reached = place;
    }
    match rule.needed.iter().find(|needed| !names.contains(needed)) {
        None => Ok(()),
        Some(missing) => {
            let text = format!(
                "The element '{}' has incomplete content. List of possible elements expected: '{missing}'.",
                rule.parent
            );
            Err(Refused::schema(&text))
        }
    }
}
