//! What somebody does for their brokerage: it decides what comes first on their pages, and who may invite.

/// The part of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duty {
    /// Sees to it that it gets done: an office manager.
    #[default]
    Coordinator,
    /// Has administrator rights on the mail system.
    ItAdmin,
    /// Belongs to the company that hosts or looks after the mail system.
    Vendor,
}

impl Duty {
    /// Every duty.
    pub const ALL: &[Self] = &[Self::Coordinator, Self::ItAdmin, Self::Vendor];

    /// The word in the table and in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coordinator => "coordinator",
            Self::ItAdmin => "it_admin",
            Self::Vendor => "vendor",
        }
    }

    /// Reads the word; `None` for any other.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|duty| duty.as_str() == word)
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Coordinator => "Coordinates",
            Self::ItAdmin => "Mail administrator",
            Self::Vendor => "Mail host or IT company",
        }
    }

    /// One line by which somebody chooses it for a colleague.
    pub const fn tell(self) -> &'static str {
        match self {
            Self::Coordinator => "Sees to it that it gets done, and can invite others.",
            Self::ItAdmin => "Sets the access up and enters its details. Can invite others.",
            Self::Vendor => "Sets the access up for you. Cannot invite or remove anybody.",
        }
    }

    /// What somebody who is invited is, in a sentence about them.
    pub const fn part(self) -> &'static str {
        match self {
            Self::Coordinator => "the coordinator",
            Self::ItAdmin => "the mail administrator",
            Self::Vendor => "the mail host or IT company",
        }
    }

    /// What that is here, told to the one who is invited.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Coordinator => {
                "You see to it that it gets done: you see how everything stands, and can invite those who set it up."
            }
            Self::ItAdmin => {
                "You set the access up in the mail system and enter its details here, step by step. You can invite others."
            }
            Self::Vendor => {
                "You set the access up for this office and enter its details here, step by step. Inviting others stays with the office."
            }
        }
    }

    /// Whether they invite and remove people of the brokerage: those of other companies do not.
    pub const fn invites(self) -> bool {
        !matches!(self, Self::Vendor)
    }
}
