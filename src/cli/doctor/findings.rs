//! What `doctor` found, and how it is printed.

use std::process::ExitCode;

use serde::Serialize;

/// How a finding is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Good,
    Note,
    Red,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    what: &'static str,
    colour: Colour,
    text: String,
    to_do: Option<String>,
}

impl Finding {
    /// As it should be.
    pub(super) fn good(what: &'static str, text: impl Into<String>) -> Self {
        Self { what, colour: Colour::Good, text: text.into(), to_do: None }
    }

    /// Worth knowing, and what could be done.
    pub(super) fn note(what: &'static str, text: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { what, colour: Colour::Note, text: text.into(), to_do: Some(to_do.into()) }
    }

    /// To be mended before real use, and how.
    pub(super) fn red(what: &'static str, text: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { what, colour: Colour::Red, text: text.into(), to_do: Some(to_do.into()) }
    }
}

/// Everything that was looked at.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// One more.
    pub(super) fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Prints all and gives the exit code: 1 when something is red.
    pub(super) fn print(&self, json: bool) -> ExitCode {
        let red = self.0.iter().any(|finding| finding.colour == Colour::Red);
        if json {
            println!("{}", serde_json::json!({ "well": !red, "findings": self.0 }));
        } else {
            for Finding { what, colour, text, to_do } in &self.0 {
                let word = match colour {
                    Colour::Good => "ok  ",
                    Colour::Note => "note",
                    Colour::Red => "RED ",
                };
                println!("{word}  {what:<16} {text}");
                if let Some(to_do) = to_do {
                    println!("{:23}-> {to_do}", "");
                }
            }
        }
        if red { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
