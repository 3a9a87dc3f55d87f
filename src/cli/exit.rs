//! How a command ends.

use std::process::ExitCode;

/// Usage or settings are wrong.
pub(super) const USAGE: u8 = 2;

/// Why a command did not do what was asked: one text for the person at the terminal.
#[derive(Debug)]
pub(super) struct Stopped {
    text: String,
    code: u8,
}

impl Stopped {
    /// A command that could not go on.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1 }
    }

    /// A command that was asked wrongly.
    pub(super) fn usage(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: USAGE }
    }
}

/// The exit code of a command's result; what went wrong is printed.
pub(super) fn from(result: Result<(), Stopped>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stopped { text, code }) => {
            eprintln!("moxi-onboard: {text}");
            ExitCode::from(code)
        }
    }
}

/// Prints what went wrong and fails.
pub(super) fn told(text: &str) -> ExitCode {
    from(Err(Stopped::new(text)))
}
