//! Texts of a guide with blanks in them, and the names that go into the blanks.

use std::collections::BTreeMap;

use crate::domain::cause::quoted;

/// What a guide may leave open, to be filled with the names of the attempt.
pub const BLANKS: &[&str] = &[
    "brand",
    "attempt",
    "app_name",
    "secret_name",
    "thumbprint",
    "group",
    "account_name",
    "role_group",
    "policy",
    "service_account",
    "agent",
    "domain",
    "tenant",
    "client",
    "host",
    "egress",
    "support",
    "scopes",
    "project",
];

/// What people call the name that goes into a blank, for a list of names; `None` for what is no name of the office.
pub fn title_of(blank: &str) -> Option<&'static str> {
    Some(match blank {
        "app_name" => "Name of the app or project",
        "secret_name" => "Description of the client secret",
        "thumbprint" => "Thumbprint of the certificate",
        "group" => "Group of agents",
        "account_name" => "Name of the service account",
        "role_group" => "Role group",
        "policy" => "Authentication policy",
        "service_account" => "Login of the service account",
        "agent" => "Test mailbox",
        "tenant" => "Tenant",
        "client" => "Client ID",
        "host" => "Mail server",
        "scopes" => "Scopes",
        "project" => "Project",
        _ => return None,
    })
}

/// A run of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub Vec<Piece>);

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Plain(String),
    /// The name of a button or a field.
    Strong(String),
    /// A blank: one of [`BLANKS`].
    Blank(&'static str),
}

/// A part of a text with its blanks filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// As it stands.
    Plain(String),
    /// The name of a button or a field.
    Strong(String),
    /// A name of the attempt.
    Name(String),
    /// A name that is proposed, and good unless somebody decides otherwise.
    Open(String),
    /// What nobody but the admin can know, and has not said yet: words or an example in its place.
    Example(String),
}

impl Shown {
    /// What is read, whatever it is.
    pub fn words(&self) -> &str {
        match self {
            Self::Plain(words)
            | Self::Strong(words)
            | Self::Name(words)
            | Self::Open(words)
            | Self::Example(words) => words,
        }
    }
}

/// What is wrong with a guide's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what is allowed.
    pub reason: String,
}

/// The names of one attempt, for the blanks of a guide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuideNames(BTreeMap<&'static str, Shown>);

impl GuideNames {
    /// The same names and one more that is settled; an empty one settles nothing.
    #[must_use]
    pub fn with(mut self, blank: &'static str, name: &str) -> Self {
        if !name.trim().is_empty() {
            self.0.insert(blank, Shown::Name(name.trim().to_owned()));
        }
        self
    }

    /// The same names, with a proposal for one that may not be settled yet.
    #[must_use]
    pub fn or(mut self, blank: &'static str, proposal: &str) -> Self {
        self.0.entry(blank).or_insert_with(|| Shown::Open(proposal.to_owned()));
        self
    }

    /// The same names, with words in the place of one that only the admin can know. A command with it is not ready.
    #[must_use]
    pub fn or_example(mut self, blank: &'static str, words: &str) -> Self {
        self.0.entry(blank).or_insert_with(|| Shown::Example(words.to_owned()));
        self
    }

    fn shown(&self, blank: &str) -> Shown {
        // A blank that nobody names shows what it is: the page stays readable, and a test keeps it from happening.
        self.0.get(blank).cloned().unwrap_or_else(|| Shown::Example(blank.replace('_', " ")))
    }

    /// The name in a blank, settled or proposed; `None` while only the admin can know it.
    pub fn name(&self, blank: &str) -> Option<&str> {
        match self.0.get(blank)? {
            Shown::Example(_) => None,
            shown => Some(shown.words()),
        }
    }

    /// What stands in a blank, whoever decided it.
    pub fn words(&self, blank: &str) -> String {
        self.shown(blank).words().to_owned()
    }

    /// Whether a blank has a name or an example.
    pub fn fills(&self, blank: &str) -> bool {
        self.0.contains_key(blank)
    }
}

impl Text {
    /// The text with its blanks filled, for sentences.
    pub fn fill(&self, names: &GuideNames) -> Vec<Shown> {
        self.filled(names, |name| name)
    }

    /// The text with its blanks filled, for a command: a name cannot end the quotes it stands in.
    pub fn fill_command(&self, names: &GuideNames) -> Vec<Shown> {
        self.filled(names, |name| quoted(&name))
    }

    /// The text with its blanks filled, as one run of words.
    pub fn words(&self, names: &GuideNames) -> String {
        self.fill(names).iter().map(Shown::words).collect()
    }

    /// What a command still waits for: the words in the places of names that only the admin can know.
    pub fn waits_for(&self, names: &GuideNames) -> Vec<String> {
        let open = |piece: &Piece| match piece {
            Piece::Blank(blank) => match names.shown(blank) {
                Shown::Example(words) => Some(words),
                _ => None,
            },
            Piece::Plain(_) | Piece::Strong(_) => None,
        };
        let mut waits: Vec<String> = Vec::new();
        for words in self.0.iter().filter_map(open) {
            if !waits.contains(&words) {
                waits.push(words);
            }
        }
        waits
    }

    /// The blanks in it.
    pub fn blanks(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Blank(blank) => Some(*blank),
            Piece::Plain(_) | Piece::Strong(_) => None,
        })
    }

    fn filled(&self, names: &GuideNames, write: impl Fn(String) -> String) -> Vec<Shown> {
        let shown = |piece: &Piece| match piece {
            Piece::Plain(text) => Shown::Plain(text.clone()),
            Piece::Strong(text) => Shown::Strong(text.clone()),
            Piece::Blank(blank) => match names.shown(blank) {
                Shown::Name(name) => Shown::Name(write(name)),
                Shown::Open(proposal) => Shown::Open(write(proposal)),
                Shown::Example(words) => Shown::Example(write(words)),
                other => other,
            },
        };
        self.0.iter().map(shown).collect()
    }

    /// The text alone, with its blanks in braces.
    pub fn plain(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Plain(text) | Piece::Strong(text) => text.clone(),
            Piece::Blank(blank) => format!("{{{blank}}}"),
        };
        self.0.iter().map(piece).collect()
    }
}
