//! Fresh names. Attempt n proposes names ending in n for everything a guide lets the admin name, and refuses a
//! name that an earlier attempt of the same connection used.

use super::{guid::Guid, text::ObjectName};

/// The names that the Microsoft 365 guide lets an admin choose.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AppNames {
    /// The display name of the app registration.
    pub app: ObjectName,
    /// The description of the client secret.
    pub secret: ObjectName,
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

/// The name of the group of agents that attempt `n` proposes.
pub fn group_name(attempt: i64) -> String {
    numbered("MoxiEngage Agents", attempt)
}

/// What an earlier attempt of the connection used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedNames {
    /// The number of that attempt.
    pub attempt: i64,
    /// The app's client id.
    pub client_id: Guid,
    /// The names.
    pub names: AppNames,
}

/// A name that was used before: in which attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedIn(pub i64);

/// Whether the app name is fresh. An app that is kept (the same client id) keeps its name.
pub fn app_is_fresh(client_id: &Guid, name: &ObjectName, earlier: &[UsedNames]) -> Result<(), UsedIn> {
    let clash =
        earlier.iter().find(|used| used.names.app.key() == name.key() && used.client_id != *client_id);
    clash.map_or(Ok(()), |used| Err(UsedIn(used.attempt)))
}

/// Whether the secret's description is fresh. Each attempt has a secret of its own, so no attempt shares one.
pub fn secret_is_fresh(name: &ObjectName, earlier: &[UsedNames]) -> Result<(), UsedIn> {
    let clash = earlier.iter().find(|used| used.names.secret.key() == name.key());
    clash.map_or(Ok(()), |used| Err(UsedIn(used.attempt)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guid(last: char) -> Guid {
        Guid::parse(&format!("5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d1{last}")).expect("a guid")
    }

    fn name(text: &str) -> ObjectName {
        ObjectName::parse(text).expect("a name")
    }

    #[test]
    fn the_second_attempt_proposes_new_names() {
        assert_eq!((app_name(1), app_name(2)), ("MoxiEngage".to_owned(), "MoxiEngage2".to_owned()));
        assert_eq!(
            (secret_name(1), secret_name(3)),
            ("Engage access".to_owned(), "Engage access3".to_owned())
        );
    }

    #[test]
    fn a_used_name_is_refused_unless_the_app_is_kept() {
        let earlier = [UsedNames {
            attempt: 1,
            client_id: guid('1'),
            names: AppNames { app: name("MoxiEngage"), secret: name("Engage access") },
        }];
        assert_eq!(app_is_fresh(&guid('1'), &name("MoxiEngage"), &earlier), Ok(()));
        assert_eq!(app_is_fresh(&guid('2'), &name(" moxiengage "), &earlier), Err(UsedIn(1)));
        assert_eq!(app_is_fresh(&guid('2'), &name("MoxiEngage2"), &earlier), Ok(()));
        assert_eq!(secret_is_fresh(&name("engage ACCESS"), &earlier), Err(UsedIn(1)));
    }
}
