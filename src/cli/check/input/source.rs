//! The text of an input file: its lines for those who made a mistake, and its values with their places.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use toml::Spanned;
use zeroize::Zeroizing;

use crate::domain::{
    address::{MailAddress, MailDomain},
    text::ObjectName,
};

/// What is wrong with the input file.
#[derive(Debug, thiserror::Error)]
pub enum InputProblem {
    /// It cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line of it.
    #[error("{path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong and what is allowed. Never holds a secret.
        reason: String,
    },
    /// A line of it holds a slip that the catalogue knows: the file can be read, and the credential cannot be right.
    #[error("{path}, line {line}: {reason}")]
    Slip {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong and what is allowed. Never holds a secret.
        reason: String,
        /// The entry of the catalogue.
        cause: &'static str,
    },
}

impl InputProblem {
    /// The same as a slip that the catalogue knows, where it knows one.
    pub(super) fn of(self, cause: Option<&'static str>) -> Self {
        match (self, cause) {
            (Self::Line { path, line, reason }, Some(cause)) => Self::Slip { path, line, reason, cause },
            (problem, _) => problem,
        }
    }

    /// The entry of the catalogue that says more, where there is one.
    pub const fn cause(&self) -> Option<&'static str> {
        match self {
            Self::Slip { cause, .. } => Some(cause),
            Self::Unreadable { .. } | Self::Line { .. } => None,
        }
    }
}

/// The text of the file, to tell lines from.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

/// The two ways to give a secret: as a text, or as the path of a file that holds it.
pub(super) struct Given<'a> {
    pub(super) key: &'static str,
    pub(super) file_key: &'static str,
    pub(super) text: Option<Spanned<String>>,
    pub(super) file: Option<&'a Spanned<PathBuf>>,
}

impl Source<'_> {
    /// The file as a table of known names; errs with the line of anything else.
    pub(super) fn table<T: DeserializeOwned>(&self) -> Result<T, InputProblem> {
        toml::from_str(self.text).map_err(|error| self.malformed(&error))
    }

    /// A mistake at a place of the file.
    pub(super) fn problem(&self, at: &Range<usize>, reason: impl Into<String>) -> InputProblem {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        InputProblem::Line { path: self.path.to_owned(), line, reason: reason.into() }
    }

    /// A mistake of form. The library quotes the value it stumbled over, which on one line would be the secret.
    fn malformed(&self, error: &toml::de::Error) -> InputProblem {
        let at = error.span().unwrap_or(0..0);
        let line = self.text.get(..at.start).unwrap_or_default().matches('\n').count();
        let line = self.text.lines().nth(line).unwrap_or_default();
        let keys = ["client_secret", "private_key", "password", "service_account_key"];
        let secret = keys.into_iter().find(|key| line.contains(key));
        let reason = match secret {
            Some(key) => format!("write {key} = \"...\" with one text in quotes"),
            None => error.message().to_owned(),
        };
        self.problem(&at, reason)
    }

    /// A path as the file means it: beside the file, unless it is absolute.
    pub(super) fn beside(&self, path: &Path) -> PathBuf {
        self.path.parent().map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }

    /// The name of an object, or the usual one where none is given.
    pub(super) fn object_name(
        &self,
        given: Option<&Spanned<String>>,
        key: &str,
        usual: &str,
    ) -> Result<ObjectName, InputProblem> {
        let (text, at) = given.map_or((usual, 0..0), |given| (given.get_ref().as_str(), given.span()));
        ObjectName::parse(text).map_err(|problem| self.problem(&at, problem.sentence(key)))
    }

    /// The address of a mailbox of the office; errs when it is none, or a private person's.
    pub(super) fn mailbox(&self, given: &Spanned<String>, key: &str) -> Result<MailAddress, InputProblem> {
        let mailbox = MailAddress::parse(given.get_ref())
            .map_err(|problem| self.problem(&given.span(), problem.sentence(key)))?;
        self.of_the_office(given, key, Some(mailbox.domain()))?;
        Ok(mailbox)
    }

    /// Errs when the domain is one of private mailboxes.
    pub(super) fn of_the_office(
        &self,
        given: &Spanned<String>,
        key: &str,
        domain: Option<MailDomain>,
    ) -> Result<(), InputProblem> {
        let Some(domain) = domain.filter(MailDomain::is_consumer) else { return Ok(()) };
        let reason = format!("{key}: name one of the office; {domain} belongs to private mailboxes");
        Err(self.problem(&given.span(), reason).of(Some("form_consumer_account")))
    }

    /// The mailbox that must be refused, where one is named; errs when it is none, or is the test mailbox.
    pub(super) fn outside_mailbox(
        &self,
        given: Option<&Spanned<String>>,
        tested: &Spanned<String>,
    ) -> Result<Option<MailAddress>, InputProblem> {
        let Some(given) = given else { return Ok(None) };
        let outside = self.mailbox(given, "outside_mailbox")?;
        if MailAddress::parse(tested.get_ref()).is_ok_and(|tested| tested == outside) {
            let reason = "outside_mailbox: name another mailbox than test_mailbox, or leave it out";
            return Err(self.problem(&given.span(), reason));
        }
        Ok(Some(outside))
    }

    /// The secret and where it stands; errs when it is missing, given twice, or in a file that cannot be read.
    pub(super) fn secret(&self, given: Given<'_>) -> Result<(Zeroizing<String>, Range<usize>), InputProblem> {
        let Given { key, file_key, text, file } = given;
        match (text, file) {
            (Some(text), None) => {
                let at = text.span();
                Ok((Zeroizing::new(text.into_inner()), at))
            }
            (None, Some(path)) => {
                // The path is not repeated: somebody may have put the secret itself there.
                let reason = |error| format!("the file that {file_key} names cannot be read: {error}");
                let text = std::fs::read_to_string(self.beside(path.get_ref()));
                let text = text.map_err(|error| self.problem(&path.span(), reason(error)))?;
                Ok((Zeroizing::new(text), path.span()))
            }
            (Some(_), Some(path)) => {
                Err(self.problem(&path.span(), format!("give {key} or {file_key}, not both")))
            }
            (None, None) => Err(self.problem(&(0..0), format!("{key} or {file_key} is missing"))),
        }
    }
}
