//! Pictures of screens, written as words and drawn by the page: so they are as new as their guide, carry the names of
//! the attempt, and say the same to those who cannot see them.
//!
//! ~~~text
//! ```picture The value of the client secret
//! at: {app_name} > Certificates & secrets
//! tabs: Certificates | Client secrets*          (* marks the one that is open)
//! buttons: New client secret (a)
//! field: Description = {secret_name} (b)
//! tick: [x] Password never expires              (choice: [x] where only one of several can be chosen)
//! head: Expires | Value | Secret ID
//! line: in two years | Abc8Q~ (c) | 1f2e
//! text: Some words of the screen.
//! a: What is done there, or looked at.
//! b: ...
//! ```
//! ~~~

use super::{
    lines::sentence,
    text::{Mistake, Text},
};

/// A screen on which people often go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What it is called.
    pub title: Text,
    /// Where one is: the line on its top.
    pub place: Text,
    /// What is on it, from above.
    pub rows: Vec<Row>,
    /// What its letters say, a first.
    pub letters: Vec<Text>,
}

/// A row of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Pages side by side, of which one is open.
    Tabs(Vec<Part>),
    /// Buttons.
    Buttons(Vec<Part>),
    /// A field and what stands in it.
    Field(Text, Part),
    /// A box that is ticked or clear.
    Tick(Part),
    /// One of several, of which only one can be chosen.
    Choice(Part),
    /// The head of a table.
    Head(Vec<Part>),
    /// A line of a table.
    Line(Vec<Part>),
    /// Words.
    Words(Text),
}

/// A part of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it says.
    pub text: Text,
    /// Whether it is open, ticked or chosen.
    pub on: bool,
    /// The letter beside it.
    pub letter: Option<char>,
}

fn wrong<T>(line: usize, reason: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake { line, reason: reason.into() })
}

impl Picture {
    /// Reads what stands in its fence. Errs with the first line that is wrong.
    pub(super) fn read((line, title): (usize, &str), lines: &[(usize, &str)]) -> Result<Self, Mistake> {
        let (mut place, mut rows, mut letters) = (None, Vec::new(), Vec::new());
        for (at, text) in lines.iter().filter(|(_, text)| !text.trim().is_empty()) {
            let Some((key, value)) = text.split_once(": ") else {
                return wrong(*at, "a line of a picture is: its sort, a colon, what it says");
            };
            let mut sort = key.chars();
            match (sort.next(), sort.next()) {
                (Some(letter), None) if letter == letter_at(letters.len()) => {
                    letters.push(sentence(*at, value)?);
                }
                (Some(_), None) => {
                    return wrong(*at, format!("the next letter is {}", letter_at(letters.len())));
                }
                _ if key == "at" && place.is_none() => place = Some(sentence(*at, value)?),
                _ => rows.push(row(*at, key, value)?),
            }
        }
        let Some(place) = place else {
            return wrong(line, "a picture says where it is: write at: and the place");
        };
        let picture = Self { title: sentence(line, title.trim())?, place, rows, letters };
        picture.letters_match(line)?;
        Ok(picture)
    }

    /// Each letter stands once on the screen and once below it.
    fn letters_match(&self, line: usize) -> Result<(), Mistake> {
        let mut drawn: Vec<char> =
            self.rows.iter().flat_map(Row::parts).filter_map(|part| part.letter).collect();
        drawn.sort_unstable();
        let said: Vec<char> = (0..self.letters.len()).map(letter_at).collect();
        if drawn == said {
            return Ok(());
        }
        wrong(line, format!("on the screen stand the letters {drawn:?}, below it are told {said:?}"))
    }

    /// Every text in it.
    pub fn texts(&self) -> Vec<&Text> {
        let mut texts = vec![&self.title, &self.place];
        for row in &self.rows {
            if let Row::Field(label, _) = row {
                texts.push(label);
            }
            if let Row::Words(words) = row {
                texts.push(words);
            }
            texts.extend(row.parts().into_iter().map(|part| &part.text));
        }
        texts.extend(&self.letters);
        texts
    }
}

/// The letter of a place, counted from 0.
pub fn letter_at(place: usize) -> char {
    u8::try_from(place).ok().and_then(|place| b'a'.checked_add(place)).map_or('?', char::from)
}

impl Row {
    /// Its parts; none where it is only words.
    pub fn parts(&self) -> Vec<&Part> {
        match self {
            Self::Tabs(parts) | Self::Buttons(parts) | Self::Head(parts) | Self::Line(parts) => {
                parts.iter().collect()
            }
            Self::Field(_, part) | Self::Tick(part) | Self::Choice(part) => vec![part],
            Self::Words(_) => Vec::new(),
        }
    }
}

fn row(line: usize, key: &str, value: &str) -> Result<Row, Mistake> {
    let parts = || value.split(" | ").map(|text| part(line, text)).collect::<Result<Vec<_>, _>>();
    Ok(match key {
        "tabs" => Row::Tabs(parts()?),
        "buttons" => Row::Buttons(parts()?),
        "head" => Row::Head(parts()?),
        "line" => Row::Line(parts()?),
        "tick" => Row::Tick(boxed(line, value)?),
        "choice" => Row::Choice(boxed(line, value)?),
        "text" => Row::Words(sentence(line, value)?),
        "field" => {
            let Some((label, value)) = value.split_once(" = ") else {
                return wrong(line, "field: its label, =, what stands in it");
            };
            Row::Field(sentence(line, label.trim())?, part(line, value)?)
        }
        _ => {
            return wrong(
                line,
                format!(
                    "{key} is none of at, tabs, buttons, field, tick, choice, head, line, text, or a letter"
                ),
            );
        }
    })
}

/// A part with its letter and its star.
fn part(line: usize, text: &str) -> Result<Part, Mistake> {
    let (text, letter) = match text.trim().strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((before, letter)) if letter.len() == 1 => (before, letter.chars().next()),
        _ => (text.trim(), None),
    };
    let (text, on) = text.strip_suffix('*').map_or((text, false), |text| (text, true));
    Ok(Part { text: sentence(line, text.trim())?, on, letter })
}

/// A part behind a box.
fn boxed(line: usize, text: &str) -> Result<Part, Mistake> {
    let (on, text) = match (text.strip_prefix("[x] "), text.strip_prefix("[ ] ")) {
        (Some(text), _) => (true, text),
        (_, Some(text)) => (false, text),
        _ => return wrong(line, "write [x] for a box that is ticked and [ ] for one that is clear"),
    };
    Ok(Part { on, ..part(line, text)? })
}
