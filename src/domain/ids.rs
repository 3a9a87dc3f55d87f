//! Ids: a prefix that tells what the id names, an underscore, and 128 random bits in 26 lower-case
//! Crockford letters. They are never numbers and never ordered by time, so that nobody can guess or count.

use std::fmt;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTERS: usize = 26;

/// Writes 128 bits as 26 lower-case Crockford letters (the first letter carries the 3 highest bits).
pub fn crockford(bits: u128) -> String {
    (0..LETTERS)
        .rev()
        .map(|place| {
            let five = (bits >> (place * 5)) & 31;
            char::from(ALPHABET[usize::try_from(five).unwrap_or_default()])
        })
        .collect()
}

fn is_crockford(text: &str) -> bool {
    text.len() == LETTERS
        && text.as_bytes()[0] <= b'7'
        && text.bytes().all(|letter| ALPHABET.contains(&letter))
}

/// A text that was offered as an id but is none of that sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id of this sort")
    }
}

impl std::error::Error for NotAnId {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Makes a new id of 128 bits that come from the handed-in randomness.
            pub fn from_random(bits: [u8; 16]) -> Self {
                Self(format!(concat!($prefix, "_{}"), crockford(u128::from_be_bytes(bits))))
            }

            /// Reads an id that came from outside; errs when prefix, length or letters are wrong.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                match text.strip_prefix(concat!($prefix, "_")) {
                    Some(letters) if is_crockford(letters) => Ok(Self(text.to_owned())),
                    _ => Err(NotAnId),
                }
            }

            /// The id as it stands in tables, links and logs.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

id!(/// Names a brokerage.
    BrokerageId, "brk");
id!(/// Names a person who may sign in for a brokerage.
    PersonId, "per");
id!(/// Names a connection: one mail system of a brokerage.
    ConnectionId, "con");
id!(/// Names the answers that are being filled in for a connection's next attempt.
    DraftId, "drf");
id!(/// Names an attempt: one submission of a credential.
    AttemptId, "att");
id!(/// Names a sealed secret.
    SecretId, "sec");
id!(/// Names a check: one run that tests a credential.
    CheckId, "chk");
id!(/// Names a job of the queue.
    JobId, "job");
id!(/// Names a mail of the outbox.
    MailId, "mail");
id!(/// Names a sign-in that waits for its code.
    SignInId, "sgn");
id!(/// Names an audit line.
    AuditId, "aud");
id!(/// Names a list of the queue that one of our own people saved.
    SavedViewId, "view");
id!(/// Names a note of one of our own people.
    NoteId, "note");
id!(/// Names what somebody of an office asked.
    QuestionId, "que");
id!(/// Names what one of our own people writes to an office.
    MessageId, "msg");
id!(/// Names an invitation of a brokerage admin.
    InvitationId, "inv");
id!(/// Names one event that mails tell of, where no other id does.
    EventId, "evt");
id!(/// Names a roster: the mailboxes of an office that are checked together.
    RosterId, "ros");
id!(/// Names one of our own people, by the account they sign in with.
    StaffId, "stf");
id!(/// Names a request to look at a secret.
    AccessId, "acc");
id!(/// Names one press that asks for a secret to be shown.
    LookId, "look");
id!(/// Names a wish of our own people that something be decided by hand.
    DecisionId, "dec");
id!(/// Names a look at which mail system a domain has.
    RecognitionId, "rec");
id!(/// Names one look through the whole audit that somebody asked for.
    VerificationId, "ver");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_refuses_anything_else() {
        let id = ConnectionId::from_random([255; 16]);
        assert_eq!(id.as_str(), "con_7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert_eq!(ConnectionId::parse(id.as_str()), Ok(id.clone()));
        for wrong in
            ["", "con_", "att_7zzzzzzzzzzzzzzzzzzzzzzzzz", "con_8zzzzzzzzzzzzzzzzzzzzzzzzz", "con_7ZZ"]
        {
            assert_eq!(ConnectionId::parse(wrong), Err(NotAnId), "{wrong}");
        }
    }
}
