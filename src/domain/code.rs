//! Sign-in codes: 8 Crockford letters, 40 random bits; and how a sign-in ends.

use super::ids::crockford;

/// How many letters a code has.
pub const LETTERS: usize = 8;

/// Makes a code of 40 random bits.
pub fn make(bits: [u8; 5]) -> String {
    let mut wide = [0; 16];
    wide[11..].copy_from_slice(&bits);
    let letters = crockford(u128::from_be_bytes(wide)).to_ascii_uppercase();
    letters[letters.len() - LETTERS..].to_owned()
}

/// Reads a code as people type it: small letters, blanks and dashes are forgiven, and so are O for 0 and I or L for 1.
/// `None` when it cannot be a code.
pub fn parse(typed: &str) -> Option<String> {
    let letters: String = typed
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '\u{2010}'..='\u{2015}'))
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .take(LETTERS + 1)
        .collect();
    let known =
        letters.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() && byte != b'U');
    (letters.len() == LETTERS && known).then_some(letters)
}

/// How a sign-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its code was proven, and somebody has the address.
    Known,
    /// Its code was proven, nobody had the address, and a brokerage was begun.
    Start,
    /// The same browser asked for a newer code.
    Newer,
    /// Its person has signed out since.
    SignOut,
}

impl End {
    /// Every end.
    pub const ALL: &[Self] = &[Self::Known, Self::Start, Self::Newer, Self::SignOut];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Start => "start",
            Self::Newer => "newer",
            Self::SignOut => "sign_out",
        }
    }

    /// Reads the word from the table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|end| end.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(make([255; 5]), "ZZZZZZZZ");
        assert_eq!(make([0, 0, 0, 0, 1]), "00000001");
        assert_eq!(parse(" k7q2-m9xa "), Some("K7Q2M9XA".to_owned()));
        assert_eq!(parse("o0i1 lL\u{a0}1\u{2011}1"), Some("00111111".to_owned()));
        for wrong in ["", "K7Q2M9X", "K7Q2M9XAB", "K7Q2M9XU", "K7Q2M9X!", "K7Q2M9X\0"] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
