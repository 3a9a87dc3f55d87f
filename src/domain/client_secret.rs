//! The client secret of an app registration, as an admin copies it from Entra.

use secrecy::{ExposeSecret, SecretString};

use super::guid::Guid;

/// What is wrong with a text that was given as a client secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretProblem {
    /// Nothing was entered.
    Empty,
    /// It is a GUID: the secret's id was copied, not its value.
    IsSecretId,
    /// Dots, bullets or stars: the masked value was copied.
    Masked,
    /// Blanks, line breaks, quotes, zero-width or typographic characters within it.
    Foreign,
    /// Far shorter than any value Entra makes (about 40 characters).
    TooShort,
    /// Longer than any value Entra makes.
    TooLong,
}

impl SecretProblem {
    /// The entry of the catalogue that says more, where there is one.
    pub const fn cause(self) -> Option<&'static str> {
        match self {
            Self::IsSecretId => Some("form_secret_is_id"),
            Self::Foreign => Some("form_secret_whitespace"),
            Self::Masked | Self::TooShort | Self::TooLong => Some("form_secret_masked"),
            Self::Empty => None,
        }
    }

    /// The sentence beside the field.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "Enter the client secret",
            Self::IsSecretId => {
                "This is the Secret ID. Copy the column \"Value\" instead; it is shown only once, so create a new client secret if it is gone"
            }
            Self::Masked => {
                "This is the masked value. Create a new client secret and copy its Value before you leave the page"
            }
            Self::Foreign => {
                "Copy the client secret again: it holds blanks, quotes or characters that cannot be seen"
            }
            Self::TooShort => "Copy the whole client secret: a Value has about 40 characters",
            Self::TooLong => "Copy only the client secret's Value: it has about 40 characters",
        }
    }
}

/// The client secret of an app registration. It shows itself to nobody: no `Debug`, no `Display`, no `Clone`.
pub struct ClientSecret(SecretString);

impl ClientSecret {
    /// Parses what an admin pasted; blanks around it are cut off, since none belongs to a value.
    ///
    /// Errs when the text cannot be a client secret's value: see [`SecretProblem`].
    pub fn parse(raw: &str) -> Result<Self, SecretProblem> {
        let text = raw.trim_matches(|c: char| c.is_whitespace() || super::text::is_hidden(c));
        let letters = text.chars().count();
        let masked = text.contains('•')
            || text.contains("...")
            || text.contains('…')
            || text.contains("***")
            || text.chars().all(|c| "*.".contains(c));
        match () {
            () if text.is_empty() => Err(SecretProblem::Empty),
            () if Guid::parse(text).is_some() => Err(SecretProblem::IsSecretId),
            () if masked => Err(SecretProblem::Masked),
            () if !text.bytes().all(|b| b.is_ascii_graphic() && !b"\"'`<>".contains(&b)) => {
                Err(SecretProblem::Foreign)
            }
            () if letters < 16 => Err(SecretProblem::TooShort),
            () if letters > 256 => Err(SecretProblem::TooLong),
            () => Ok(Self(SecretString::from(text.to_owned()))),
        }
    }

    /// Takes back what the vault opened.
    pub fn from_opened(secret: SecretString) -> Self {
        Self(secret)
    }

    /// The value, for the vault that seals it and for the request that carries it. Nobody else asks.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// How many characters it has: all that pages say of it.
    pub fn letters(&self) -> usize {
        self.0.expose_secret().chars().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "Xq18Q~abcdefghijklmnopqrstuvwxyz0123456._-";

    #[test]
    fn a_value_is_taken_byte_for_byte() {
        let secret = ClientSecret::parse(&format!(" {VALUE}\r\n"));
        assert!(secret.is_ok_and(|s| s.expose() == VALUE && s.letters() == VALUE.len()));
    }

    #[test]
    fn what_is_no_value_is_named() {
        for (raw, problem) in [
            (" ", SecretProblem::Empty),
            ("5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11", SecretProblem::IsSecretId),
            ("Xq1••••••••••••••••", SecretProblem::Masked),
            ("****************", SecretProblem::Masked),
            ("Xq1***************************", SecretProblem::Masked),
            ("Xq18Q~abc defghijklmnopqrst", SecretProblem::Foreign),
            ("“Xq18Q~abcdefghijklmnopqrst”", SecretProblem::Foreign),
            ("Xq18Q~", SecretProblem::TooShort),
        ] {
            assert_eq!(ClientSecret::parse(raw).err(), Some(problem), "{raw}");
        }
        assert_eq!(ClientSecret::parse(&"x".repeat(257)).err(), Some(SecretProblem::TooLong));
    }
}
