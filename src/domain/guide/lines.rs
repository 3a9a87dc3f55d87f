//! Texts of a guide: blanks in braces, names of buttons between two pairs of stars.

use super::text::{BLANKS, Mistake, Piece, Text};

/// Reads a sentence.
pub(super) fn sentence(line: usize, text: &str) -> Result<Text, Mistake> {
    let wrong = |reason: String| Mistake { line, reason };
    if text.contains('<') {
        return Err(wrong("< begins nothing here: tags are not read, write plain sentences".to_owned()));
    }
    let parts: Vec<&str> = text.split("**").collect();
    if parts.len().is_multiple_of(2) {
        return Err(wrong("** opens the name of a button and has no end".to_owned()));
    }
    let mut pieces = Vec::new();
    for (at, part) in parts.into_iter().enumerate() {
        if at % 2 == 0 {
            pieces.extend(with_blanks(part).map_err(wrong)?);
        } else if part.is_empty() || blanks_in(part).next().is_some() {
            return Err(wrong("between ** and ** stands the name of a button, without a blank".to_owned()));
        } else {
            pieces.push(Piece::Strong(part.to_owned()));
        }
    }
    Ok(Text(pieces))
}

/// Reads a command. Its blanks stand within single quotes, so that no name can be read as a part of the command.
pub(super) fn command(line: usize, text: &str) -> Result<Text, Mistake> {
    let wrong = |reason: String| Mistake { line, reason };
    for blank in blanks_in(text) {
        let all = text.matches(&format!("{{{blank}}}")).count();
        if all != text.matches(&format!("'{{{blank}}}'")).count() {
            return Err(wrong(format!("write '{{{blank}}}' with single quotes around it in a command")));
        }
    }
    Ok(Text(with_blanks(text).map_err(wrong)?))
}

/// What stands in braces and looks like a blank. Braces with anything else in them belong to the text.
fn blanks_in(text: &str) -> impl Iterator<Item = &str> {
    let inside = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    inside.filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
}

fn with_blanks(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(name) = blanks_in(rest).next() {
        let blank = BLANKS
            .iter()
            .find(|blank| **blank == name)
            .ok_or_else(|| format!("{{{name}}} is no blank; there are {}", BLANKS.join(", ")))?;
        let (before, after) = rest.split_once(&format!("{{{name}}}")).unwrap_or((rest, ""));
        if !before.is_empty() {
            pieces.push(Piece::Plain(before.to_owned()));
        }
        pieces.push(Piece::Blank(blank));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Plain(rest.to_owned()));
    }
    Ok(pieces)
}
