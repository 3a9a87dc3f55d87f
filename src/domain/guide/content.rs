//! What a guide is made of.

use jiff::civil::Date;

use super::{picture::Picture, text::Text};

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
    /// The causes that whoever does this step sees on the provider's pages, and that no check can see.
    pub asks: Vec<String>,
    /// The steps of a check that, when all of them passed, have shown that this step was done.
    pub shown_by: Vec<String>,
    /// Where in the film of the guide it is done, in seconds from the beginning.
    pub film: Option<u32>,
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
    /// A screen on which people often go wrong.
    Picture(Picture),
}

impl Block {
    /// Every text in it.
    pub fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Say(text) | Self::Note(text) | Self::Expect(text) | Self::Command { text, .. } => {
                vec![text]
            }
            Self::Clicks(clicks) => clicks.iter().collect(),
            Self::Picture(picture) => picture.texts(),
        }
    }
}

impl Step {
    /// Every text in it.
    pub fn texts(&self) -> Vec<&Text> {
        let mut texts = vec![&self.title, &self.why];
        texts.extend(self.place.iter().chain(&self.optional));
        texts.extend(self.blocks.iter().flat_map(Block::texts));
        texts
    }
}

impl Guide {
    /// The step that mends a cause.
    pub fn step_for(&self, cause: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.mends.iter().any(|id| id == cause))
    }

    /// The step at which whoever does it may tell a cause.
    pub fn step_that_asks(&self, cause: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.asks.iter().any(|id| id == cause))
    }

    /// The step of this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// Every text in it, but for its title.
    pub fn texts(&self) -> Vec<&Text> {
        let mut texts: Vec<&Text> = self.needs.iter().collect();
        texts.extend(self.intro.iter().flat_map(Block::texts));
        texts.extend(self.steps.iter().flat_map(Step::texts));
        texts
    }

    /// How many steps everybody does, and how many of those are in a list of ids.
    pub fn done_of(&self, done: impl Fn(&str) -> bool) -> (usize, usize) {
        let needed = || self.steps.iter().filter(|step| step.optional.is_none());
        (needed().filter(|step| done(&step.id)).count(), needed().count())
    }
}
