//! What a guide is made of, and how its texts are filled.

use std::collections::BTreeMap;

use jiff::civil::Date;

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

/// A guide as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// The heading of its page.
    pub title: String,
    /// Counts up with every change of meaning.
    pub version: u32,
    /// The day it was last tried against the real pages.
    pub date: Date,
    /// How long it takes, waiting aside.
    pub minutes: u32,
    /// What has to be there before it begins.
    pub needs: Vec<Text>,
    /// What is said before the first step.
    pub intro: Vec<Block>,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// By which links find it.
    pub id: String,
    /// Its heading.
    pub title: Text,
    /// Why it is needed.
    pub why: Text,
    /// Where it is done: a path through a portal, or a shell.
    pub place: Option<Text>,
    /// When it is needed, for a step that normally is not; it is shown folded.
    pub optional: Option<Text>,
    /// The causes that this step mends.
    pub mends: Vec<String>,
    /// What to do.
    pub blocks: Vec<Block>,
}

/// A piece of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Plain sentences.
    Say(Text),
    /// Sentences that must not be missed.
    Note(Text),
    /// What is seen when it went well.
    Expect(Text),
    /// Clicks, counted.
    Clicks(Vec<Text>),
    /// A command to copy.
    Command {
        /// Where it is run.
        shell: String,
        /// The command. Its blanks stand within single quotes.
        text: Text,
    },
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
    /// A name that is not known yet: an example in its place.
    Open(String),
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

    /// The same names, with an example for one that may not be settled yet.
    #[must_use]
    pub fn or(mut self, blank: &'static str, example: &str) -> Self {
        self.0.entry(blank).or_insert_with(|| Shown::Open(example.to_owned()));
        self
    }

    fn shown(&self, blank: &str) -> Shown {
        // A blank that nobody names shows what it is: the page stays readable, and a test keeps it from happening.
        self.0.get(blank).cloned().unwrap_or_else(|| Shown::Open(blank.replace('_', " ")))
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

    fn filled(&self, names: &GuideNames, write: impl Fn(String) -> String) -> Vec<Shown> {
        let shown = |piece: &Piece| match piece {
            Piece::Plain(text) => Shown::Plain(text.clone()),
            Piece::Strong(text) => Shown::Strong(text.clone()),
            Piece::Blank(blank) => match names.shown(blank) {
                Shown::Name(name) => Shown::Name(write(name)),
                Shown::Open(example) => Shown::Open(write(example)),
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

impl Guide {
    /// The step that mends a cause.
    pub fn step_for(&self, cause: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.mends.iter().any(|id| id == cause))
    }
}
