//! Log lines that somebody has to act on are listed for those who read the log.

use crate::source::{Breach, House};

const PAPER: &str = "docs/LOGGING.md";

/// A line of level `error` that the paper about the log does not name.
pub fn unlisted(house: &House) -> Vec<Breach> {
    const REASON: &str = "whoever is woken by a line reads there what it means";
    let paper = house.other.iter().find(|(path, _)| path == PAPER).map_or("", |(_, text)| text);
    let mut breaches = Vec::new();
    for file in house.shipped() {
        for (at, call) in file.code.match_indices("tracing::error!(") {
            let said = message(&file.code[at + call.len()..]);
            // Behind a semicolon stands what follows by itself.
            let line = said.split(';').next().unwrap_or_default().trim();
            if line.is_empty() || !paper.contains(line) {
                breaches.push(file.breach(at, format!("logs {said:?}, which {PAPER} does not name"), REASON));
            }
        }
    }
    breaches
}

/// The last text of a call that starts here: its message.
fn message(rest: &str) -> String {
    let mut last = String::new();
    let mut inside: Option<String> = None;
    let mut open = 1;
    let mut letters = rest.chars();
    while let Some(letter) = letters.next() {
        match (&mut inside, letter) {
            (Some(text), '"') => {
                last = std::mem::take(text);
                inside = None;
            }
            (Some(text), '\\') => text.extend(letters.next()),
            (Some(text), _) => text.push(letter),
            (None, '"') => inside = Some(String::new()),
            (None, '(') => open += 1,
            (None, ')') => open -= 1,
            (None, _) => {}
        }
        if open == 0 {
            break;
        }
    }
    last
}
