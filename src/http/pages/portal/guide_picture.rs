//! Draws the screens of a guide: a place on paper for each of their rows. The drawing has no style of its own; the
//! style sheet colours it by class, so that it is read in dark and in forced colours as well.

use crate::domain::guide::{GuideNames, Part, Picture, Row, Shown};

/// How wide a drawing is, in units of its own: as wide as a telephone shows it, so that its words stay readable there.
pub const WIDTH: usize = 352;
const EDGE: usize = 12;
const ROOM: usize = WIDTH - 2 * EDGE;
/// How much of a line a letter of the drawing's size takes, in tenths of a unit, in the widest of usual fonts.
const LETTER: usize = 74;
/// How much room a letter in its circle takes.
const CIRCLE: usize = 24;

/// A drawn screen.
pub struct Drawing {
    /// What it is called.
    pub title: Vec<Shown>,
    /// What it is called, in an attribute.
    pub name: String,
    /// Everything that is on it, in words, for those who do not see it.
    pub said: String,
    /// How high it is.
    pub height: usize,
    /// Lines, boxes and words.
    pub marks: Vec<Mark>,
    /// What the letters say.
    pub letters: Vec<Vec<Shown>>,
}

/// A mark on paper: where it begins, and what it is.
pub enum Mark {
    /// A box of a class, so wide and so high.
    Box(usize, usize, usize, usize, &'static str),
    /// Words of a class.
    Words(usize, usize, &'static str, String),
    /// A tick within a box that begins here.
    Tick(usize, usize),
    /// A letter in a circle around this point.
    Letter(usize, usize, char),
}

impl Drawing {
    /// Draws a screen with the names of an attempt.
    pub fn of(picture: &Picture, names: &GuideNames) -> Self {
        let mut pen = Pen { names, y: 40, marks: Vec::new(), said: Vec::new() };
        let place = picture.place.words(names);
        pen.said.push(format!("Place: {place}."));
        pen.marks.push(Mark::Words(EDGE, 19, "at", cut(&place, ROOM)));
        for (at, row) in picture.rows.iter().enumerate() {
            pen.row(row, || columns(&picture.rows, at, names));
        }
        let title = picture.title.words(names);
        Self {
            title: picture.title.fill(names),
            said: pen.said.join(" "),
            name: format!("Drawing: {title}"),
            height: pen.y + 6,
            marks: pen.marks,
            letters: picture.letters.iter().map(|letter| letter.fill(names)).collect(),
        }
    }
}

struct Pen<'a> {
    names: &'a GuideNames,
    y: usize,
    marks: Vec<Mark>,
    said: Vec<String>,
}

impl Pen<'_> {
    /// Draws a row; `columns` are where those of its table begin, and where the last one ends.
    fn row(&mut self, row: &Row, columns: impl FnOnce() -> Vec<usize>) {
        match row {
            Row::Tabs(parts) => self.side_by_side("Pages", parts, "tab"),
            Row::Buttons(parts) => self.side_by_side("Buttons", parts, "press"),
            Row::Field(label, part) => self.field(&label.words(self.names), part),
            Row::Tick(part) => self.boxed(part, "tick", ["clear", "ticked"]),
            Row::Choice(part) => self.boxed(part, "pick", ["not chosen", "chosen"]),
            Row::Head(parts) => self.cells("Columns", parts, "head", &columns()),
            Row::Line(parts) => self.cells("Line", parts, "cell", &columns()),
            Row::Words(words) => {
                let words = words.words(self.names);
                for line in wrapped(&words, ROOM) {
                    self.marks.push(Mark::Words(EDGE, self.y + 12, "cell", line));
                    self.y += 18;
                }
                self.y += 4;
                self.said.push(format!("{words}."));
            }
        }
    }

    /// What a part says, with its letter, for those who do not see the drawing.
    fn tell(&mut self, what: &str, parts: &[Part], on: Option<&str>) {
        let one = |part: &Part| {
            let mut words = part.text.words(self.names);
            if let Some(on) = on.filter(|_| part.on) {
                words = format!("{words} ({on})");
            }
            if let Some(letter) = part.letter {
                words = format!("{words}, letter {letter}");
            }
            words
        };
        let all: Vec<String> = parts.iter().map(one).collect();
        self.said.push(format!("{what}: {}.", all.join("; ")));
    }

    fn letter(&mut self, part: &Part, x: usize, y: usize) {
        self.marks.extend(part.letter.map(|letter| Mark::Letter(x, y, letter)));
    }

    fn side_by_side(&mut self, what: &str, parts: &[Part], class: &'static str) {
        self.tell(what, parts, Some("open"));
        let mut x = EDGE;
        for part in parts {
            let words = part.text.words(self.names);
            let mark = if part.letter.is_some() { 24 } else { 0 };
            // Buttons and the open page are bold.
            let wide = (width(&words) * 6 / 5 + 18).min(ROOM - mark);
            if x > EDGE && x + wide + mark > WIDTH - EDGE {
                (x, self.y) = (EDGE, self.y + 30);
            }
            let class = match (class, part.on) {
                ("tab", true) => "tab on",
                (class, _) => class,
            };
            self.marks.push(Mark::Box(x, self.y, wide, 24, class));
            self.marks.push(Mark::Words(x + 9, self.y + 16, class, cut(&words, (wide - 16) * 5 / 6 + 1)));
            self.letter(part, x + wide + 12, self.y + 12);
            x += wide + mark + 8;
        }
        self.y += 34;
    }

    fn field(&mut self, label: &str, part: &Part) {
        self.tell(&format!("Field {label}"), std::slice::from_ref(part), None);
        let mark = if part.letter.is_some() { 26 } else { 0 };
        let wide = ROOM - mark;
        self.marks.push(Mark::Words(EDGE, self.y + 11, "head", cut(label, ROOM)));
        self.marks.push(Mark::Box(EDGE, self.y + 17, wide, 26, "box"));
        let words = cut(&part.text.words(self.names), wide - 16);
        self.marks.push(Mark::Words(EDGE + 8, self.y + 34, "cell", words));
        self.letter(part, WIDTH - EDGE - 10, self.y + 30);
        self.y += 52;
    }

    fn boxed(&mut self, part: &Part, class: &'static str, said: [&str; 2]) {
        self.tell(&format!("Box, {}", said[usize::from(part.on)]), std::slice::from_ref(part), None);
        self.marks.push(Mark::Box(EDGE, self.y, 16, 16, class));
        match class {
            "pick" if part.on => self.marks.push(Mark::Box(EDGE + 4, self.y + 4, 8, 8, "dot")),
            _ if part.on => self.marks.push(Mark::Tick(EDGE, self.y)),
            _ => {}
        }
        let mark = if part.letter.is_some() { 26 } else { 0 };
        let lines = wrapped(&part.text.words(self.names), ROOM - 24 - mark);
        self.letter(part, WIDTH - EDGE - 10, self.y + 8);
        for line in lines {
            self.marks.push(Mark::Words(EDGE + 24, self.y + 12, "cell", line));
            self.y += 18;
        }
        self.y += 8;
    }

    fn cells(&mut self, what: &str, parts: &[Part], class: &'static str, columns: &[usize]) {
        self.tell(what, parts, None);
        if class == "cell" {
            self.marks.push(Mark::Box(EDGE, self.y - 2, ROOM, 1, "rule"));
        }
        for (part, ends) in parts.iter().zip(columns.windows(2)) {
            let (x, wide) = (ends[0], ends[1] - ends[0]);
            let mark = if part.letter.is_some() { CIRCLE } else { 0 };
            let words = cut(&part.text.words(self.names), wide.saturating_sub(mark + 6));
            let behind = x + width(&words) + 14;
            self.marks.push(Mark::Words(x, self.y + 16, class, words));
            self.letter(part, behind.min(ends[1] - 10), self.y + 12);
        }
        self.y += 28;
    }
}

/// Where the columns of the table around a row begin, and where the last one ends: each as wide as its longest words
/// want, and all of them as wide as there is room for.
fn columns(rows: &[Row], at: usize, names: &GuideNames) -> Vec<usize> {
    let parts = |row: &Row| match row {
        Row::Head(parts) | Row::Line(parts) => Some(parts.clone()),
        _ => None,
    };
    let wants =
        |part: &Part| width(&part.text.words(names)) + 10 + if part.letter.is_some() { CIRCLE } else { 0 };
    let count = rows.get(at).and_then(parts).map_or(1, |parts| parts.len()).max(1);
    let before = rows.iter().take(at).rev().map_while(parts);
    let table = before.chain(rows.iter().skip(at).map_while(parts)).filter(|parts| parts.len() == count);
    let mut wanted = vec![36_usize; count];
    for parts in table {
        for (want, part) in wanted.iter_mut().zip(&parts) {
            *want = (*want).max(wants(part).min(ROOM));
        }
    }
    let all: usize = wanted.iter().sum();
    let mut used = 0;
    let mut ends = vec![EDGE];
    for want in wanted {
        used += want;
        ends.push(EDGE + used * ROOM / all);
    }
    ends
}

/// How wide words are, about: more than enough for usual letters.
fn width(words: &str) -> usize {
    words.chars().map(letter_width).sum::<usize>() / 10
}

/// Letters of East Asia and signs behind them are as wide as they are high.
fn letter_width(letter: char) -> usize {
    let wide = matches!(u32::from(letter), 0x1100..0x1200 | 0x2e80..);
    if wide { 2 * LETTER } else { LETTER }
}

/// The words, or as many of their letters as there is room for.
fn cut(words: &str, room: usize) -> String {
    if width(words) <= room {
        return words.to_owned();
    }
    let mut used = LETTER;
    let fits = |letter: &char| {
        used += letter_width(*letter);
        used <= room * 10
    };
    let kept: String = words.chars().take_while(fits).collect();
    format!("{}\u{2026}", kept.trim_end())
}

/// The words in lines; a word that is too long for a line is cut.
fn wrapped(words: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let Some(line) = lines.last_mut() else { continue };
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if line.is_empty() || width(&longer) <= room {
            *line = cut(&longer, room);
        } else {
            lines.push(cut(word, room));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::guides::Guides,
        domain::{
            guide::{BLANKS, Block},
            kind::AccessKind,
        },
    };

    #[test]
    fn words_are_cut_to_their_room() {
        assert_eq!(cut("Register", 100), "Register");
        assert_eq!(cut("Certificates & secrets", 75), "Certifica\u{2026}");
        assert_eq!(cut("\u{4f60}\u{597d}\u{4f60}\u{597d}", 35), "\u{4f60}\u{2026}");
        assert_eq!(wrapped("one two three", 49), ["one", "two", "three"]);
        assert!(wrapped(&"x".repeat(300), 50).iter().all(|line| width(line) <= 50));
    }

    #[test]
    fn nothing_of_a_drawing_stands_outside_of_it_whatever_the_names_are() {
        let long = "W\u{4f60}".repeat(200);
        for name in ["MoxiEngage2", "x", long.as_str()] {
            let names = BLANKS.iter().fold(GuideNames::default(), |names, blank| names.with(blank, name));
            for kind in AccessKind::ALL {
                let guides = Guides::built_in();
                let steps = &guides.of(*kind).expect("a guide").steps;
                for block in steps.iter().flat_map(|step| &step.blocks) {
                    let Block::Picture(picture) = block else { continue };
                    let drawing = Drawing::of(picture, &names);
                    for mark in &drawing.marks {
                        let (right, bottom) = match mark {
                            Mark::Box(x, y, wide, high, _) => (x + wide, y + high),
                            Mark::Words(x, y, "press" | "tab on", words) => (x + width(words) * 6 / 5, *y),
                            Mark::Words(x, y, _, words) => (x + width(words), *y),
                            Mark::Tick(x, y) => (x + 16, y + 16),
                            Mark::Letter(x, y, _) => (x + 9, y + 9),
                        };
                        assert!(
                            right <= WIDTH && bottom <= drawing.height,
                            "{}: {}",
                            kind.id(),
                            drawing.said
                        );
                    }
                }
            }
        }
    }
}
