//! Google Workspace: what a service account may be allowed, and the key by which it shows who it is.

use secrecy::{ExposeSecret, SecretString};

use super::address::MailAddress;

/// Something a service account may be allowed to do as the users of an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DelegatedScope {
    /// As Google writes it.
    pub url: &'static str,
    /// What MoxiEngage does with it, in the admin's words.
    pub what: &'static str,
    /// Whether a check passes without it.
    pub optional: bool,
}

/// Contacts, both ways.
pub const CONTACTS: DelegatedScope = DelegatedScope {
    url: "https://www.googleapis.com/auth/contacts",
    what: "See, write and remove contacts",
    optional: false,
};
/// The calendar.
pub const CALENDAR: DelegatedScope = DelegatedScope {
    url: "https://www.googleapis.com/auth/calendar",
    what: "See the calendar and write entries into it",
    optional: false,
};
/// Sending; with it no mail can be read.
pub const SEND: DelegatedScope = DelegatedScope {
    url: "https://www.googleapis.com/auth/gmail.send",
    what: "Send mail as the agent. Mail cannot be read with it",
    optional: false,
};
/// Signature and sending addresses.
pub const MAIL_SETTINGS: DelegatedScope = DelegatedScope {
    url: "https://www.googleapis.com/auth/gmail.settings.basic",
    what: "Read the agent's signature and sending addresses",
    optional: true,
};

/// Everything that an office is asked to allow.
pub const SCOPES: &[DelegatedScope] = &[CONTACTS, CALENDAR, SEND, MAIL_SETTINGS];

/// The scopes as the Admin console's field takes them: parted by commas.
pub fn scopes_text() -> String {
    SCOPES.iter().map(|scope| scope.url).collect::<Vec<_>>().join(",")
}

/// The page of the Admin console on which a client ID gets its scopes, with both filled in. `None` for what is no
/// client ID: nothing else may become part of the address.
pub fn delegation_link(client_id: &str) -> Option<String> {
    let scopes: Vec<String> = SCOPES.iter().map(|scope| escaped(scope.url)).collect();
    is_client_id(client_id).then(|| {
        format!(
            "https://admin.google.com/ac/owl/domainwidedelegation?overwriteClientId=true&clientIdToAdd={client_id}&clientScopeToAdd={}",
            scopes.join(",")
        )
    })
}

/// A text as a value in the query of an address.
fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Whether a text is the numeric client ID of a service account. Real ones have about 21 digits.
pub fn is_client_id(text: &str) -> bool {
    (6..=30).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// What an office tells that lets our own service account act for its users.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct GoogleDelegatedSettings {
    /// The mailbox the check acts as; its domain is that of the Workspace.
    pub test_mailbox: MailAddress,
}

/// What goes with the key of an office's own service account.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct GoogleKeySettings {
    /// Whose key it is.
    pub account: ServiceAccount,
    /// The mailbox the check acts as.
    pub test_mailbox: MailAddress,
}

/// What a key file says beside the key. None of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ServiceAccount {
    /// The service account's address: `moxiengage@PROJECT.iam.gserviceaccount.com`.
    pub email: String,
    /// Its numeric client ID, which delegation goes by.
    pub client_id: String,
    /// The project it belongs to.
    pub project: String,
    /// The id of the key, by which the project's pages list it.
    pub key_id: String,
}

/// What every service account's address ends with.
const ACCOUNT_SUFFIX: &str = ".iam.gserviceaccount.com";

impl ServiceAccount {
    /// Why a new key cannot take the place of the one in use; nothing when it can. Whoever deletes the one before, as
    /// they are told to, would else delete the only one; and what was allowed, was allowed to one account.
    pub fn not_instead_of(&self, in_use: &Self) -> Option<String> {
        if self.email != in_use.email {
            return Some(format!(
                "This key is of another service account, {}. Create the new one at {}, which is in use, and choose its file",
                self.email, in_use.email
            ));
        }
        (self.key_id == in_use.key_id).then(|| {
            format!(
                "This is the key that is in use already, {}. Create a new one, and choose its file",
                self.key_id
            )
        })
    }

    /// The same, if each part has the shape that Google gives it; such texts can stand in commands, pages and mails.
    ///
    /// Errs with what is wrong.
    pub fn shaped(self) -> Result<Self, KeyFileProblem> {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let (name, host) = self.email.split_once('@').ok_or(KeyFileProblem::NoAccount)?;
        let project = host.strip_suffix(ACCOUNT_SUFFIX).ok_or(KeyFileProblem::NoAccount)?;
        // A project of a whole domain has a point in its name.
        let named = |text: &str| {
            (1..=100).contains(&text.len()) && text.bytes().all(|b| word(b) || b".:".contains(&b))
        };
        if !(named(name) && named(project)) {
            return Err(KeyFileProblem::NoAccount);
        }
        if !is_client_id(&self.client_id) {
            return Err(KeyFileProblem::Missing("client_id"));
        }
        if !named(&self.project) {
            return Err(KeyFileProblem::Missing("project_id"));
        }
        let hex = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if !((8..=100).contains(&self.key_id.len()) && self.key_id.bytes().all(hex)) {
            return Err(KeyFileProblem::Missing("private_key_id"));
        }
        Ok(self)
    }
}

/// The key of a service account: the members of its file that are needed, as one JSON text. It shows itself to nobody:
/// no `Debug`, no `Display`, no `Clone`.
pub struct GoogleKey(SecretString);

impl GoogleKey {
    /// Takes what was read from a key file, or what the vault opened.
    pub const fn from_checked(text: SecretString) -> Self {
        Self(text)
    }

    /// The text, for the vault that seals it and for whoever signs with it. Nobody else asks.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// How many characters it has.
    pub fn letters(&self) -> usize {
        self.0.expose_secret().chars().count()
    }
}

/// What is wrong with a text that was given as a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFileProblem {
    /// Nothing was given.
    Empty,
    /// Longer than any key file.
    TooLong,
    /// A binary file: a `.p12`, which Google offers beside JSON.
    Binary,
    /// An API key, which stands for no account.
    ApiKey,
    /// The file of an OAuth client.
    OauthClient,
    /// What a signed-in person's tools store.
    Person,
    /// A file of another way to sign in, without a key of its own.
    Federated,
    /// A private key alone, without what goes around it.
    BareKey,
    /// No JSON, or a file that was cut or changed.
    Damaged,
    /// JSON of another sort.
    OtherType,
    /// A member is missing or has not its shape.
    Missing(&'static str),
    /// The address is none of a service account.
    NoAccount,
    /// The private key is damaged, or none of the sort that Google makes.
    BadKey,
    /// Signing in would go to another place than Google's.
    ForeignTokenUri,
    /// A file was chosen and a text was pasted.
    Twice,
}

impl KeyFileProblem {
    /// The sentence beside the field.
    pub fn sentence(self) -> String {
        match self {
            Self::Empty => "Choose the key file, or paste what is in it",
            Self::TooLong => "Choose the key file itself: it has about 2,400 characters, and this one has far more",
            Self::Binary => {
                "This is a P12 file or another binary file. Create a new key, choose the type JSON, and send us that file"
            }
            Self::ApiKey => {
                "This is an API key, which may not act for anybody. Create a key of the service account instead, of the type JSON"
            }
            Self::OauthClient => {
                "This is the file of an OAuth client. Open the service account, then \"Keys\", and create a key of the type JSON there"
            }
            Self::Person => {
                "This file signs a person in, not a service account. Open the service account, then \"Keys\", and create a key of the type JSON there"
            }
            Self::Federated => {
                "This file holds no key: it signs in through another provider. Open the service account, then \"Keys\", and create a key of the type JSON there"
            }
            Self::BareKey => {
                "This is the private key alone. Send us the whole JSON file as Google gave it to you"
            }
            Self::Damaged => {
                "This is not a whole key file: something of it was cut off or changed. Choose the file as Google gave it to you"
            }
            Self::OtherType => {
                "This is not the key file of a service account: its \"type\" must be \"service_account\". Choose the file that was downloaded when you created the key"
            }
            Self::Missing(member) => {
                return format!(
                    "The key file lacks a good \"{member}\". Choose the file as Google gave it to you, without changes"
                );
            }
            Self::NoAccount => {
                "The \"client_email\" of this file is not the address of a service account: it ends with .iam.gserviceaccount.com. Choose the file as Google gave it to you"
            }
            Self::BadKey => {
                "The private key in this file is damaged. Choose the file as Google gave it to you, or create a new key"
            }
            Self::ForeignTokenUri => {
                "The \"token_uri\" of this file leads away from Google. Do not use this file; create a new key in Google Cloud and send us that one"
            }
            Self::Twice => "Choose the file or paste its text, not both",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "104857600000000000001";

    #[test]
    fn the_link_opens_the_console_with_the_number_and_all_scopes() {
        let link = delegation_link(ID).expect("a link");
        let start = "https://admin.google.com/ac/owl/domainwidedelegation?overwriteClientId=true&clientIdToAdd=104857600000000000001&clientScopeToAdd=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcontacts,https%3A%2F%2F";
        assert!(link.starts_with(start), "{link}");
        assert_eq!(link.matches("%2Fauth%2F").count(), SCOPES.len());
        for wrong in ["", "12", "moxi@x.iam.gserviceaccount.com", "104857600000000000001&x=1"] {
            assert_eq!(delegation_link(wrong), None, "{wrong}");
        }
        assert_eq!(scopes_text().matches(',').count(), SCOPES.len() - 1);
    }

    fn account() -> ServiceAccount {
        ServiceAccount {
            email: "moxiengage@lakeshore-mail.iam.gserviceaccount.com".to_owned(),
            client_id: ID.to_owned(),
            project: "lakeshore-mail".to_owned(),
            key_id: "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567".to_owned(),
        }
    }

    #[test]
    fn an_account_has_googles_own_shapes() {
        assert!(account().shaped().is_ok());
        let with = |change: fn(&mut ServiceAccount)| {
            let mut account = account();
            change(&mut account);
            account.shaped().err()
        };
        assert_eq!(with(|a| a.email = "pat@lakeshore.example".to_owned()), Some(KeyFileProblem::NoAccount));
        assert_eq!(
            with(|a| a.email = "x y@p.iam.gserviceaccount.com".to_owned()),
            Some(KeyFileProblem::NoAccount)
        );
        assert_eq!(
            with(|a| a.email = "x@p.iam.gserviceaccount.com.evil.example".to_owned()),
            Some(KeyFileProblem::NoAccount)
        );
        assert_eq!(with(|a| a.client_id = "abc".to_owned()), Some(KeyFileProblem::Missing("client_id")));
        assert_eq!(with(|a| a.project = String::new()), Some(KeyFileProblem::Missing("project_id")));
        assert_eq!(with(|a| a.key_id = "<b>".repeat(5)), Some(KeyFileProblem::Missing("private_key_id")));
    }

    #[test]
    fn every_problem_has_a_sentence_that_leads_on() {
        use KeyFileProblem::*;
        for problem in [
            Empty,
            TooLong,
            Binary,
            ApiKey,
            OauthClient,
            Person,
            Federated,
            BareKey,
            Damaged,
            OtherType,
            NoAccount,
            BadKey,
            ForeignTokenUri,
            Twice,
            Missing("client_id"),
        ] {
            let sentence = problem.sentence();
            assert!(
                sentence.len() > 20 && !sentence.contains("invalid") && !sentence.ends_with('.'),
                "{sentence}"
            );
        }
    }
}
