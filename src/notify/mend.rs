//! One step of a mend as a mail says it: the words, and beneath them what is to be typed or copied.

use super::flowed::guids_shortened;

/// A step of a mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MendLine {
    /// What to do.
    pub text: String,
    /// The lines of the command or the value that the words point at; they are never wrapped.
    pub code: Vec<String>,
}

impl MendLine {
    /// Makes it. What names an app or a tenant in full stays on the page: shortened it would be a command that does not
    /// work, and in full it would tell a stranger where a stolen secret fits.
    pub fn new(text: String, code: Option<&str>) -> Self {
        match code {
            None => Self { text, code: Vec::new() },
            Some(code) if guids_shortened(code) != code => {
                let said = text.trim_end_matches([':', '.']);
                Self { text: format!("{said}. What to copy is on the page."), code: Vec::new() }
            }
            Some(code) => Self { text, code: code.lines().map(|line| line.replace('\t', " ")).collect() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_whole_or_not_at_all() {
        let said = |code| MendLine::new("Switch it on:".to_owned(), code);
        assert_eq!(said(Some("one\n  two")).code, ["one", "  two"]);
        assert_eq!(said(None).text, "Switch it on:");
        let named = said(Some("Set-It '9c1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d12'"));
        assert_eq!(
            (named.text.as_str(), named.code.len()),
            ("Switch it on. What to copy is on the page.", 0)
        );
    }
}
