//! What the rules of all kinds have in common: what they look at besides the answers, and how a refusal reads.

use jiff::civil::Date;

use super::super::{
    address::{MailAddress, MailDomain},
    app::AppCertificate,
    brokerage::Brokerage,
    credential::CredentialSettings,
    refused::FieldError,
    renewal::Renewal,
    text::{ObjectName, is_hidden},
};

/// What the rules look at besides the answers.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Today in UTC.
    pub today: Date,
    /// Whose answers they are.
    pub brokerage: &'a Brokerage,
    /// The earlier attempts of the connection.
    pub earlier: &'a [Earlier],
    /// The number of the attempt that the answers are for.
    pub attempt: i64,
    /// The certificate that was made for this attempt, once it is there.
    pub certificate: Option<&'a AppCertificate>,
}

/// An earlier attempt of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its number.
    pub attempt: i64,
    /// What was submitted.
    pub settings: CredentialSettings,
    /// What the cause it failed of uses up.
    pub renewal: Renewal,
}

impl Rules<'_> {
    /// The latest attempt that used this up: its settings have it, and its cause asks for at least this much to be new.
    pub(super) fn used_up(
        &self,
        asked: Renewal,
        has: impl Fn(&CredentialSettings) -> bool,
    ) -> Option<&Earlier> {
        self.earlier.iter().rev().find(|earlier| earlier.renewal >= asked && has(&earlier.settings))
    }

    /// A name that no earlier attempt used up; `what` is what it names.
    pub(super) fn fresh(
        &self,
        name: ObjectName,
        asked: Renewal,
        (what, proposal): (&str, String),
        has: impl Fn(&CredentialSettings) -> bool,
    ) -> Result<ObjectName, String> {
        match self.used_up(asked, has) {
            Some(used) => Err(used_name(name.as_str(), used.attempt, &proposal, what)),
            None => Ok(name),
        }
    }

    /// The mailbox the check acts as: one of the office's own, and no private one.
    pub(super) fn mailbox(&self, text: &str) -> Result<MailAddress, Slip> {
        self.named_mailbox(text, "the test mailbox")
    }

    fn named_mailbox(&self, text: &str, what: &str) -> Result<MailAddress, Slip> {
        let mailbox = MailAddress::parse(bare(text)).map_err(|problem| problem.sentence(what))?;
        let domain = mailbox.domain();
        if domain.is_consumer() {
            return Err(private("a mailbox", &domain));
        }
        if !self.brokerage.may_check(&mailbox) {
            return Err(self.outside("Enter a mailbox", &domain));
        }
        Ok(mailbox)
    }

    /// A mailbox that must be refused; `None` when none was named.
    pub(super) fn outside_mailbox(
        &self,
        text: &str,
        tested: Option<&MailAddress>,
    ) -> Result<Option<MailAddress>, Slip> {
        if bare(text).is_empty() {
            return Ok(None);
        }
        let mailbox = self.named_mailbox(text, "the mailbox that must be refused")?;
        if tested == Some(&mailbox) {
            return Err("Enter another mailbox than the test mailbox, or leave this empty".into());
        }
        Ok(Some(mailbox))
    }

    /// Why something of another domain is not taken yet.
    pub(super) fn outside(&self, start: &str, domain: &MailDomain) -> Slip {
        Slip::of(
            "form_domain_mismatch",
            format!(
                "{start} of {}: until we have accepted your brokerage we connect only to the domain of your own address, not to {domain}. Ask us if your office has several",
                self.brokerage.proven_domain
            ),
        )
    }
}

/// What is wrong with an answer, and the entry of the catalogue that says more of it, where there is one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slip {
    sentence: String,
    cause: Option<&'static str>,
}

impl Slip {
    /// One that the catalogue knows.
    pub(super) fn of(cause: &'static str, sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), cause: Some(cause) }
    }
}

impl<T: Into<String>> From<T> for Slip {
    fn from(sentence: T) -> Self {
        Self { sentence: sentence.into(), cause: None }
    }
}

/// Why a private person's address is not taken for `what`.
pub(super) fn private(what: &str, domain: &MailDomain) -> Slip {
    Slip::of(
        "form_consumer_account",
        format!("Enter {what} of your office: {domain} belongs to private mailboxes"),
    )
}

/// What was found wrong so far.
#[derive(Default)]
pub(super) struct Found(pub(super) Vec<FieldError>);

impl Found {
    /// Takes the value of a field, or notes what is wrong with it.
    pub(super) fn take<T>(&mut self, field: &'static str, read: Result<T, impl Into<Slip>>) -> Option<T> {
        read.map_err(|slip| {
            let Slip { sentence, cause } = slip.into();
            self.0.push(FieldError::new(field, sentence).of(cause));
        })
        .ok()
    }
}

/// A text without the blanks and the unseen characters around it, which come along when something is copied.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_hidden(c))
}

/// Why a name of an earlier attempt is not taken.
pub(super) fn used_name(name: &str, attempt: i64, proposal: &str, what: &str) -> String {
    format!(
        "\"{name}\" was used in attempt {attempt}. Give the {what} another name, such as \"{proposal}\": what is left of an earlier set-up often makes the next one fail"
    )
}
