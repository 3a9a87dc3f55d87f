//! What a check writes to a test mailbox, as it is noted before it is written: by this it is found and removed again,
//! whatever became of the check.

use jiff::civil::Date;

/// Something a check writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TestThing {
    /// The test contact.
    Contact,
    /// The test calendar entry.
    Event,
    /// The draft that is never sent.
    Draft,
}

impl TestThing {
    /// Every sort.
    pub const ALL: &[Self] = &[Self::Contact, Self::Event, Self::Draft];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Event => "event",
            Self::Draft => "draft",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|thing| thing.as_str() == word)
    }

    /// What people call it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Event => "calendar entry",
            Self::Draft => "draft",
        }
    }
}

/// One thing that a check writes, and by what it is found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestItem {
    /// What it is.
    pub thing: TestThing,
    /// The mark it bears: every run of a check has its own, so nothing else is ever taken for it.
    pub mark: String,
    /// The day from which its place in the calendar is counted.
    pub day: Date,
    /// Its id in the mailbox, once the mail system has told it.
    pub id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        assert!(TestThing::ALL.iter().all(|thing| TestThing::parse(thing.as_str()) == Some(*thing)));
        assert_eq!(TestThing::parse("mail"), None);
    }
}
