//! A form that is sent twice gets its first answer twice. Its key, its body's fingerprint and its answer are
//! written in the transaction of what the form did; whoever comes later reads them.

use sha2::{Digest, Sha256};

use crate::{
    app::App,
    domain::{
        refused::{FieldError, Refused},
        scope::Scope,
    },
    store::{Read, Write},
};

/// The key of a form and the fingerprint of what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormKey {
    key: String,
    body: [u8; 32],
}

impl FormKey {
    /// Takes the key as it stood in the form, and the parts of the form that its meaning hangs on. Errs when the
    /// key is none: 16 to 64 letters and digits.
    pub fn new(key: &str, meaning: &[&str]) -> Result<Self, Refused> {
        let fits = (16..=64).contains(&key.len())
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !fits {
            return Err(Refused::field(
                "",
                "This form is not complete. Open its page again, fill it in there and send it",
            ));
        }
        let mut digest = Sha256::new();
        for part in meaning {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        Ok(Self { key: key.to_owned(), body: digest.finalize().into() })
    }

    /// Where the first answer led, when this form was taken before. Errs when another form was taken under its key.
    pub async fn answered(&self, read: &mut Read, scope: &Scope) -> Result<Option<String>, Refused> {
        match read.form_answer(&self.key, &scope.person).await? {
            None => Ok(None),
            Some(answer) if answer.body_hash == self.body => Ok(Some(answer.location)),
            Some(_) => Err(another()),
        }
    }

    /// Notes the answer in the transaction of what the form did.
    pub async fn note(&self, write: &mut Write, scope: &Scope, location: &str) -> Result<(), Refused> {
        Ok(write.insert_form_answer(&self.key, &scope.person, &self.body, location).await?)
    }

    /// The last word on a form whose action was refused: its first answer when it was taken meanwhile (by another
    /// press, or by this one when the answer of the database was lost), else the refusal.
    pub async fn settle(&self, app: &App, scope: &Scope, refused: Refused) -> Result<String, Refused> {
        if !matches!(refused, Refused::Conflict(_) | Refused::Unavailable | Refused::Fields(_)) {
            return Err(refused);
        }
        let Ok(mut read) = app.store.read().await else { return Err(refused) };
        match self.answered(&mut read, scope).await {
            Ok(Some(location)) => Ok(location),
            Ok(None) | Err(Refused::Unavailable) => Err(refused),
            Err(other) => Err(other),
        }
    }
}

fn another() -> Refused {
    let sentence = "This form was sent before with other content, and that was taken. Nothing more was done. Open the page again to see how it stands";
    Refused::Fields(vec![FieldError { field: "", sentence: sentence.to_owned() }])
}
