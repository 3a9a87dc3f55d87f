//! Why our own people have something checked again.

/// Why one of our people has an attempt checked again. It decides how the result is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckReason {
    /// The office says that the mend was made: where a provider applies it slowly, it is waited for.
    Mended,
    /// Something on our side kept us from a result and is mended.
    OurSide,
    /// To see how it stands; nothing is said to have changed.
    Look,
}

impl CheckReason {
    /// Every reason, in the order of the form.
    pub const ALL: &[Self] = &[Self::Mended, Self::OurSide, Self::Look];

    /// The word in the table and in the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mended => "mended",
            Self::OurSide => "our_side",
            Self::Look => "look",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == word)
    }

    /// What the form calls it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Mended => "The office has mended it",
            Self::OurSide => "Something on our side is mended",
            Self::Look => "To see how it stands",
        }
    }

    /// What follows from it, for whoever chooses.
    pub const fn tell(self) -> &'static str {
        match self {
            Self::Mended => {
                "If the provider needs time to apply the change, we wait and look again instead of failing."
            }
            Self::OurSide => "The result counts as it comes.",
            Self::Look => "The result counts as it comes. Nothing is said to have changed.",
        }
    }

    /// The same where it is the credential in use that is checked.
    pub const fn tell_in_use(self) -> &'static str {
        match self {
            Self::Mended => "We look once. If the provider needs time to apply the change, check it later.",
            Self::OurSide => "We look once.",
            Self::Look => "We look once. Nothing is said to have changed.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        assert!(CheckReason::ALL.iter().all(|reason| CheckReason::parse(reason.as_str()) == Some(*reason)));
    }
}
