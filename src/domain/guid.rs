//! GUIDs as Microsoft shows them.

/// A GUID in the form 8-4-4-4-12, kept in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Guid(String);

impl Guid {
    /// Parses a GUID; blanks around it, braces and upper case are forgiven. `None` when it is none.
    pub fn parse(raw: &str) -> Option<Self> {
        let text = raw.trim();
        let text =
            text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text).to_ascii_lowercase();
        let parts: Vec<&str> = text.split('-').collect();
        let lengths_fit = parts.iter().map(|p| p.len()).eq([8, 4, 4, 4, 12]);
        let hex = parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_hexdigit()));
        (lengths_fit && hex).then_some(Self(text))
    }

    /// The GUID in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Guid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_admins_paste() {
        let guid = "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11";
        assert_eq!(
            Guid::parse(" {5F1B9A52-7A0E-4C43-9A5A-3A7E0F6C2D11}\n").map(|g| g.as_str().to_owned()),
            Some(guid.to_owned())
        );
        for wrong in
            ["", "5f1b9a52", "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d1g", "5f1b9a527a0e4c439a5a3a7e0f6c2d11"]
        {
            assert_eq!(Guid::parse(wrong), None, "{wrong}");
        }
    }
}
