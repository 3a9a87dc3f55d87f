//! The names that attempt n proposes: they end in n, for everything that a guide lets the admin name.

use super::text::ObjectName;

/// The names that the Microsoft 365 guide lets an admin choose.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AppNames {
    /// The display name of the app registration.
    pub app: ObjectName,
    /// The description of the client secret, where the app has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<ObjectName>,
}

/// A name with the attempt's number behind it: none for the first, `2` for the second.
pub fn numbered(stem: &str, attempt: i64) -> String {
    if attempt <= 1 { stem.to_owned() } else { format!("{stem}{attempt}") }
}

/// The app name that attempt `n` proposes: `MoxiEngage`, then `MoxiEngage2`.
pub fn app_name(attempt: i64) -> String {
    numbered("MoxiEngage", attempt)
}

/// The secret description that attempt `n` proposes: `Engage access`, then `Engage access2`.
pub fn secret_name(attempt: i64) -> String {
    numbered("Engage access", attempt)
}

/// The display name of the service account that attempt `n` proposes: `MoxiEngage Service`, then
/// `MoxiEngage Service2`.
pub fn account_name(attempt: i64) -> String {
    numbered("MoxiEngage Service", attempt)
}

/// The role group that attempt `n` proposes: `Impersonation`, then `Impersonation2`.
pub fn role_group_name(attempt: i64) -> String {
    numbered("Impersonation", attempt)
}

/// The authentication policy that attempt `n` proposes: `MoxiWorksBasic`, then `MoxiWorksBasic2`.
pub fn policy_name(attempt: i64) -> String {
    numbered("MoxiWorksBasic", attempt)
}

/// The name of the group of agents that attempt `n` proposes.
pub fn group_name(attempt: i64) -> String {
    numbered("MoxiEngage Agents", attempt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_attempt_proposes_new_names() {
        assert_eq!((app_name(1), app_name(2)), ("MoxiEngage".to_owned(), "MoxiEngage2".to_owned()));
        assert_eq!(
            (secret_name(1), secret_name(3)),
            ("Engage access".to_owned(), "Engage access3".to_owned())
        );
        assert_eq!(
            (account_name(2), role_group_name(2)),
            ("MoxiEngage Service2".to_owned(), "Impersonation2".to_owned())
        );
    }
}
