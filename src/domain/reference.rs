//! The short reference that people quote on the telephone and in mails: `LKS-0042`, with the attempt `LKS-0042-2`.

/// A connection's reference.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Reference(String);

impl Reference {
    /// Makes the reference from the company's name and the portal's running number of connections.
    pub fn new(company: &str, number: i64) -> Self {
        Self(format!("{}-{number:04}", letters(company)))
    }

    /// Takes a value back from a table.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The reference of the connection.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The running number alone, as people read it out: `0042`.
    pub fn number(&self) -> &str {
        self.0.rsplit_once('-').map_or(&self.0, |(_, number)| number)
    }

    /// The reference of one attempt.
    pub fn of_attempt(&self, number: i64) -> String {
        format!("{}-{number}", self.0)
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Three letters that recall the name: its first letter and the next consonants, then any letters, then X.
fn letters(company: &str) -> String {
    let all: Vec<char> =
        company.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).collect();
    let Some((first, rest)) = all.split_first() else { return "MOX".to_owned() };
    let consonants = rest.iter().filter(|c| !"AEIOUY".contains(**c));
    let vowels = rest.iter().filter(|c| "AEIOUY".contains(**c));
    std::iter::once(first).chain(consonants).chain(vowels).chain(['X', 'X'].iter()).take(3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recalls_the_name() {
        assert_eq!(Reference::new("Lakeshore Realty", 42).of_attempt(2), "LKS-0042-2");
        assert_eq!(Reference::new("Ö 21", 7).as_str(), "MOX-0007");
        assert_eq!(Reference::new("Lakeshore Realty", 42).number(), "0042");
        assert_eq!(Reference::new("Io", 12345).as_str(), "IOX-12345");
    }
}
