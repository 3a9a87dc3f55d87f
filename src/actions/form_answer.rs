//! A form that is sent twice gets its first answer twice. Its key, its body's fingerprint and its answer are
//! written in the transaction of what the form did; whoever comes later reads them.

use crate::{
    app::App,
    domain::{
        refused::{FieldError, Refused},
        scope::Scope,
        staff::StaffScope,
    },
    store::{Read, Write},
};

/// The key of a form and the fingerprint of what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormKey {
    key: String,
    body: [u8; 32],
}

/// Whose form it is: a key is one person's own.
pub trait Presser {
    /// The id under which their forms are kept.
    fn presser(&self) -> &str;
}

impl Presser for Scope {
    fn presser(&self) -> &str {
        self.person.as_str()
    }
}

impl Presser for StaffScope {
    fn presser(&self) -> &str {
        self.staff.as_str()
    }
}

impl FormKey {
    /// Takes the key as it stood in the form and the fingerprint of what the form says. Errs when there is no key.
    pub fn new(key: Option<&str>, body: [u8; 32]) -> Result<Self, Refused> {
        let sentence = "This form is not complete. Open its page again, fill it in there and send it";
        let key = key.ok_or_else(|| Refused::field("", sentence))?;
        Ok(Self { key: key.to_owned(), body })
    }

    /// The same for a form that stands on its page beside another one with the same key. `form` is its name.
    pub fn beside(self, form: &str) -> Self {
        Self { key: format!("{form}.{}", self.key), ..self }
    }

    /// Where the first answer led, when this form was taken before. Errs when another form was taken under its key.
    pub async fn answered(&self, read: &mut Read, who: &impl Presser) -> Result<Option<String>, Refused> {
        match read.form_answer(&self.key, who.presser()).await? {
            None => Ok(None),
            Some(answer) if answer.body_hash == self.body => Ok(Some(answer.location)),
            Some(_) => Err(another()),
        }
    }

    /// Notes the answer in the transaction of what the form did.
    pub async fn note(&self, write: &mut Write, who: &impl Presser, location: &str) -> Result<(), Refused> {
        Ok(write.insert_form_answer(&self.key, who.presser(), &self.body, location).await?)
    }

    /// The last word on a form whose action was refused: its first answer when it was taken meanwhile (by another
    /// press, or by this one when the answer of the database was lost), else the refusal.
    pub async fn settle(&self, app: &App, who: &impl Presser, refused: Refused) -> Result<String, Refused> {
        if !matches!(
            refused,
            Refused::Conflict(_) | Refused::Unavailable | Refused::Unsure | Refused::Fields(_)
        ) {
            return Err(refused);
        }
        let Ok(mut read) = app.store.read().await else { return Err(refused) };
        match self.answered(&mut read, who).await {
            Ok(Some(location)) => Ok(location),
            Ok(None) | Err(Refused::Unavailable) => Err(refused),
            Err(other) => Err(other),
        }
    }
}

fn another() -> Refused {
    let sentence = "This form was sent before with other content, and that was taken. Nothing more was done. Open the page again to see how it stands";
    Refused::Fields(vec![FieldError::new("", sentence.to_owned())])
}
