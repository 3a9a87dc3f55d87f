//! Texts that hold what looks like a secret. A question or an answer is kept and mailed, so it must not hold one; what a
//! password looks like nobody knows, and only the words beside the box can keep it out.

/// What a text seems to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretShape {
    /// The value of a client secret, as Entra makes them.
    ClientSecret,
    /// A private key, or a key file with one.
    PrivateKey,
}

impl SecretShape {
    /// The first such thing in a text.
    pub fn in_text(text: &str) -> Option<Self> {
        if holds_key(text) {
            return Some(Self::PrivateKey);
        }
        words(text).any(is_client_secret).then_some(Self::ClientSecret)
    }

    /// The sentence beside the field.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ClientSecret => {
                "This looked like a client secret, so we took it out and kept nothing. Never write a secret here: nobody needs it to help you"
            }
            Self::PrivateKey => {
                "This looked like a private key, so we took it out and kept nothing. Replace the key by a new one if it was sent anywhere else"
            }
        }
    }
}

/// The text without what looks like a secret, to be shown again: of a text with a key nothing is left.
pub fn without_secrets(text: &str) -> String {
    if holds_key(text) {
        return String::new();
    }
    let found: Vec<&str> = words(text).filter(|word| is_client_secret(word)).collect();
    found.into_iter().fold(text.to_owned(), |text, word| text.replace(word, "(taken out)"))
}

fn holds_key(text: &str) -> bool {
    text.contains("PRIVATE KEY") || text.contains("private_key\"")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || "\"'`=:;,()<>[]{}|".contains(letter))
}

/// Entra's values have 40 letters, digits and signs, a tilde among them. Nothing else that people write is so long and
/// has one, but an address of a page, which has slashes.
fn is_client_secret(word: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"~._-!*$+%&#?^@".contains(&byte);
    word.len() >= 30
        && word.contains('~')
        && word.bytes().all(known)
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "Xq18Q~Needle.In_The-Haystack0123456789abc";

    #[test]
    fn a_secret_is_seen_wherever_it_stands_and_taken_out() {
        for text in
            [VALUE.to_owned(), format!("it is secret={VALUE}, is it right?"), format!("(\"{VALUE}\")")]
        {
            assert_eq!(SecretShape::in_text(&text), Some(SecretShape::ClientSecret), "{text}");
            let shown = without_secrets(&text);
            assert!(!shown.contains("Needle") && shown.contains("(taken out)"), "{shown}");
        }
        for key in ["-----BEGIN RSA PRIVATE KEY-----\nMIIB", "{\"private_key\": \"x\"}"] {
            assert_eq!(SecretShape::in_text(key), Some(SecretShape::PrivateKey));
            assert_eq!(without_secrets(key), "");
        }
    }

    #[test]
    fn what_people_write_is_no_secret() {
        for text in [
            "It says AADSTS7000215 for tenant 5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11 ~ what now?",
            "https://pages.lakeshore.example/~ida/how-we-set-this-up-in-2026.html",
            "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~",
            "Where do I find the private key? There is a button for it.",
        ] {
            assert_eq!(SecretShape::in_text(text), None, "{text}");
            assert_eq!(without_secrets(text), text);
        }
    }
}
