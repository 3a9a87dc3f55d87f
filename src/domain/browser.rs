//! The browser that asked for a code or in which somebody is signed in, in words from a closed list: what a browser says
//! of itself is written by whoever asks, and must not carry their text into somebody's mail or onto their page.

/// "Firefox on Windows".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Browser {
    name: &'static str,
    system: &'static str,
}

/// What user agents say, most particular first: Edge calls itself Chrome and Safari too.
const NAMES: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("Windows", "Windows"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Mac OS X", "a Mac"),
    ("CrOS", "a Chromebook"),
    ("Linux", "Linux"),
];

impl Browser {
    /// Recognises a browser; `None` when name or system is not one of the usual.
    pub fn from_user_agent(text: &str) -> Option<Self> {
        let find = |list: &[(&str, &'static str)]| {
            list.iter().find(|(mark, _)| text.contains(mark)).map(|(_, word)| *word)
        };
        Some(Self { name: find(NAMES)?, system: find(SYSTEMS)? })
    }

    /// Reads back what [`std::fmt::Display`] wrote; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, system) = text.split_once(" on ")?;
        let find = |list: &[(&str, &'static str)], word: &str| {
            list.iter().find(|(_, known)| *known == word).map(|(_, known)| *known)
        };
        Some(Self { name: find(NAMES, name)?, system: find(SYSTEMS, system)? })
    }
}

impl std::fmt::Display for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on {}", self.name, self.system)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_words_come_through() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";
        let edge = Browser::from_user_agent(edge).expect("is known");
        assert_eq!(edge.to_string(), "Edge on Windows");
        assert_eq!(Browser::parse("Edge on Windows"), Some(edge));
        assert_eq!(Browser::from_user_agent("Call 555-0100 now"), None);
        assert_eq!(Browser::parse("Edge on Windows\r\nBcc: x@evil.example"), None);
    }
}
