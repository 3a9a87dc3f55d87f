//! Short texts from people, parsed at the border: trimmed, of a known length, without characters that
//! could hide, reorder or break what others read.

/// Why a text from a form was refused; the form's own words say it to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextProblem {
    /// Nothing but blanks was entered.
    Empty,
    /// More characters than the field takes; the number is the limit.
    TooLong(usize),
    /// Characters that nobody sees or that reorder text: control, zero-width, direction marks.
    Hidden,
    /// Other characters than the field takes.
    Letters,
}

impl TextProblem {
    /// The sentence beside a field, for a field called `what` ("the company name").
    pub fn sentence(self, what: &str) -> String {
        match self {
            Self::Empty => format!("Enter {what}"),
            Self::TooLong(limit) => format!("Shorten {what} to {limit} characters or fewer"),
            Self::Hidden => format!("Type {what} by hand: it holds characters that cannot be seen"),
            Self::Letters => format!("Use letters, digits, spaces and - _ . in {what}"),
        }
    }
}

/// Whether a character shows nothing or changes the order of what is shown.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a character is a combining mark of the common blocks (accents piled on a letter).
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Trims a one-line text and folds each run of blanks (also no-break spaces) into one space.
///
/// Errs when nothing remains, when it is longer than `limit` characters, when a character hides, or when
/// more than two combining marks are piled on one letter.
pub fn one_line(raw: &str, limit: usize) -> Result<String, TextProblem> {
    let text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(TextProblem::Empty);
    }
    if text.chars().count() > limit {
        return Err(TextProblem::TooLong(limit));
    }
    let piled = text.chars().collect::<Vec<_>>().windows(3).any(|three| three.iter().all(|c| is_mark(*c)));
    if piled || text.chars().any(is_hidden) {
        return Err(TextProblem::Hidden);
    }
    Ok(text)
}

/// Folds a text for search and uniqueness: lower case, blanks folded; accents stay.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

macro_rules! line {
    ($(#[$doc:meta])* $name:ident, $limit:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The most characters this field takes.
            pub const LIMIT: usize = $limit;

            /// Parses what a person typed; errs as [`one_line`] does.
            pub fn parse(raw: &str) -> Result<Self, TextProblem> {
                one_line(raw, Self::LIMIT).map(Self)
            }

            /// Takes a value back from a table, where only parsed values are written.
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The text as people read it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The folded text, for search and uniqueness.
            pub fn key(&self) -> String {
                fold(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

line!(/// A brokerage's company name.
    CompanyName, 120);
line!(/// A person's name.
    PersonName, 120);
line!(/// A brokerage's brand, where it has several.
    Brand, 120);
line!(/// The name of a connection, as its brokerage calls it.
    ConnectionName, 80);
line!(/// The name of a list of the queue, as one of our own people calls it.
    ViewName, 40);

/// A telephone number as its owner writes it: digits, blanks and `+ ( ) - . / x`, 5 to 20 digits.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Parses what a person typed; errs when it has other characters or too few or too many digits.
    pub fn parse(raw: &str) -> Result<Self, TextProblem> {
        let text = one_line(raw, 40)?;
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let known = text.chars().all(|c| c.is_ascii_digit() || " +()-./x".contains(c));
        if known && (5..=20).contains(&digits) { Ok(Self(text)) } else { Err(TextProblem::Letters) }
    }

    /// The number as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id a brokerage's own system has for a connection. It can never change once it is set.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ExternalId(String);

impl ExternalId {
    /// The most characters an external id has.
    pub const LIMIT: usize = 64;

    /// Parses what a person typed: letters, digits and `- _ . : /`, no blanks.
    pub fn parse(raw: &str) -> Result<Self, TextProblem> {
        let text = one_line(raw, Self::LIMIT)?;
        if text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c)) {
            Ok(Self(text))
        } else {
            Err(TextProblem::Letters)
        }
    }

    /// Takes a value back from a table, where only parsed values are written.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The id as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folded id, for uniqueness within its brokerage.
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

/// A name that an admin gives to something in their own mail system (an app, a group, a secret's description).
/// It is put into commands, so it takes only characters that no shell gives a meaning to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ObjectName(String);

impl ObjectName {
    /// The most characters an object's name has here (Entra takes 120, Exchange groups 64).
    pub const LIMIT: usize = 64;

    /// Parses what a person typed: letters, digits, spaces and `- _ .`.
    pub fn parse(raw: &str) -> Result<Self, TextProblem> {
        let text = one_line(raw, Self::LIMIT)?;
        if text.chars().all(|c| c.is_alphanumeric() || " -_.".contains(c)) {
            Ok(Self(text))
        } else {
            Err(TextProblem::Letters)
        }
    }

    /// The name as people read it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folded name: two names that differ in case or blanks only are the same object.
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_keeps_what_people_write() {
        assert_eq!(
            CompanyName::parse("  Lake\u{a0}shore   Réalty 🏡 ").map(|n| n.as_str().to_owned()),
            Ok("Lake shore Réalty 🏡".to_owned())
        );
        assert_eq!(CompanyName::parse(" \u{a0} "), Err(TextProblem::Empty));
        assert_eq!(CompanyName::parse("a\u{202e}b"), Err(TextProblem::Hidden));
        assert_eq!(CompanyName::parse("a\0b"), Err(TextProblem::Hidden));
        assert_eq!(CompanyName::parse(&format!("e{}", "\u{301}".repeat(50))), Err(TextProblem::Hidden));
        assert_eq!(CompanyName::parse(&"x".repeat(121)), Err(TextProblem::TooLong(120)));
        assert!(CompanyName::parse("' or 1=1-- {{7*7}} $(id) <b>").is_ok());
    }

    #[test]
    fn an_object_name_takes_nothing_a_shell_understands() {
        assert!(ObjectName::parse("MoxiEngage 2").is_ok());
        for wrong in ["a'b", "a`b", "$(id)", "a;b", "a\u{2019}b", "\"x\"", "a|b"] {
            assert_eq!(ObjectName::parse(wrong), Err(TextProblem::Letters), "{wrong}");
        }
    }

    #[test]
    fn a_phone_has_digits() {
        assert!(Phone::parse("+1 (312) 555-0100 x12").is_ok());
        assert_eq!(Phone::parse("call me"), Err(TextProblem::Letters));
    }
}
