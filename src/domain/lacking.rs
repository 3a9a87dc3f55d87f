//! What an app or a delegation lacks, by its name at the provider, as the failed steps of a check tell it. People read it
//! beside the cause, so that nobody has to look for the one line among many that is not there.

use super::check::{CauseId, Fact};

/// The label under which a failed step names the permission it needs.
pub const PERMISSION_NEEDED: &str = "Permission needed";

/// The label for a permission of a step that could not be tried, and that the token lacks as well.
pub const ALSO_MISSING: &str = "Also missing";

/// The label under which a step names the scope it asked for.
pub const SCOPE: &str = "Scope";

/// What the provider calls a role of Exchange Online, before the permission that it gives.
const ROLE: &str = "Application ";

/// Causes of something that has a name and is not there.
const NAMED: &[&str] = &[
    "graph_permission_missing",
    "graph_no_permissions",
    "exo_rbac_role_missing",
    "exo_ews_permission_missing",
    "dwd_scope_missing",
];

/// Whether a cause is about something that has a name and is not there.
pub fn is_named(cause: &str) -> bool {
    NAMED.contains(&cause)
}

/// What is lacking, where this cause is about that: of the steps that failed of it, what they needed. In the order of
/// the alphabet, for steps end in any order and a page and a mail say the same.
pub fn lacking<'a>(
    blamed: Option<&CauseId>,
    steps: impl IntoIterator<Item = (Option<&'a CauseId>, &'a [Fact])>,
) -> Vec<String> {
    let Some(blamed) = blamed.filter(|cause| is_named(cause.as_str())) else { return Vec::new() };
    let failed = steps.into_iter().filter(|(cause, _)| *cause == Some(blamed));
    let facts = failed.flat_map(|(_, facts)| facts);
    let tells = |fact: &&Fact| [PERMISSION_NEEDED, ALSO_MISSING, SCOPE].contains(&fact.label.as_str());
    let role = if blamed.as_str() == "exo_rbac_role_missing" { ROLE } else { "" };
    let mut names: Vec<String> = facts.filter(tells).map(|fact| format!("{role}{}", fact.value)).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::causes;

    fn fact(label: &str, value: &str) -> Fact {
        Fact { label: label.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn only_what_failed_of_the_cause_is_lacking_and_each_is_named_once() {
        let (missing, busy) = (CauseId::known("graph_permission_missing"), CauseId::known("throttled"));
        let calendar = [fact("HTTP status", "403"), fact(PERMISSION_NEEDED, "Calendars.ReadWrite")];
        let mail = [fact(PERMISSION_NEEDED, "Mail.Send"), fact(ALSO_MISSING, "Calendars.ReadWrite")];
        let contacts = [fact(PERMISSION_NEEDED, "Contacts.ReadWrite")];
        let steps = || {
            [
                (Some(&missing), &mail[..]),
                (Some(&missing), &calendar),
                (Some(&busy), &contacts),
                (None, &contacts),
            ]
        };
        assert_eq!(lacking(Some(&missing), steps()), ["Calendars.ReadWrite", "Mail.Send"]);
        assert!(lacking(Some(&busy), steps()).is_empty(), "a busy server lacks nothing that has a name");
        assert!(lacking(None, steps()).is_empty());
        let role = CauseId::known("exo_rbac_role_missing");
        let roles = lacking(Some(&role), [(Some(&role), &calendar[..])]);
        assert_eq!(roles, ["Application Calendars.ReadWrite"]);
    }

    #[test]
    fn every_named_cause_stands_in_the_catalogue() {
        assert!(NAMED.iter().all(|id| causes::find(id).is_some()));
    }
}
