//! The commands of a guide as one PowerShell script that an admin downloads and reads.
//!
//! It runs nothing by surprise: each part is shown and asked for, and only the answer "yes" runs it. A part that waits
//! for a name nobody has said yet is a remark. A line of a guide that puts words of its own into a variable
//! (`$server = 'name of your server'`) asks for it by these words. No name of an attempt can end the quotes it stands
//! in, nor begin a line of its own.

use super::{
    content::{Block, Guide, Step},
    text::{GuideNames, Piece, Text},
};
use crate::domain::{cause::quoted, dates};

/// A script, ready to be written into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The text, with the mark by which Windows PowerShell knows UTF-8 and with the ends of lines of Windows.
    pub text: String,
    /// How many parts can be run.
    pub ready: usize,
    /// How many parts wait for names.
    pub waiting: usize,
}

/// The script of a guide for the attempt of this reference; `None` where a guide has no command.
pub fn script(guide: &Guide, names: &GuideNames, reference: &str) -> Option<Script> {
    let mut lines = Lines::default();
    lines.head(guide, reference);
    for (number, step) in (1..).zip(&guide.steps) {
        lines.step(number, step, names);
    }
    if lines.ready + lines.waiting == 0 {
        return None;
    }
    lines.remark("");
    lines.remark("This is the end. Go back to the guide for the steps that are clicks.");
    Some(Script { text: format!("\u{feff}{}", lines.text), ready: lines.ready, waiting: lines.waiting })
}

#[derive(Default)]
struct Lines {
    text: String,
    ready: usize,
    waiting: usize,
    last: Last,
}

/// The part that was written last.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// None of this step.
    #[default]
    None,
    /// It can be run, and its braces are open: what one sees then is shown to whoever ran it.
    Open,
    /// It waits: what belongs to it is a remark.
    Waits,
}

impl Lines {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push_str("\r\n");
    }

    /// A remark: whatever is in it, it stays one line.
    fn remark(&mut self, text: &str) {
        let plain: String =
            text.chars().map(|letter| if breaks_line(letter) { ' ' } else { letter }).collect();
        self.line(format!("# {plain}").trim_end());
    }

    /// Shows words when the script runs.
    fn shows(&mut self, text: &str) {
        self.line(&format!("Write-Host '{}'", quoted(text)));
    }

    fn head(&mut self, guide: &Guide, reference: &str) {
        self.remark(&format!("{}: the commands of the guide", guide.title));
        self.remark(&format!(
            "Attempt {reference}. Guide version {}, {}.",
            guide.version,
            dates::words(guide.date)
        ));
        self.remark("");
        self.remark("Read it first. It holds names and no password.");
        self.remark(
            "Nothing runs by itself: each part is shown, then you are asked. Only the answer yes runs it.",
        );
        self.remark("Any error stops the script; start it again and leave out what is done.");
        self.remark(
            "A part that waits for something you have not entered yet is a remark. Enter it, download again.",
        );
        self.line("");
        self.line("$ErrorActionPreference = 'Stop'");
    }

    fn step(&mut self, number: usize, step: &Step, names: &GuideNames) {
        let mut begun = false;
        let mut said = Vec::new();
        for block in &step.blocks {
            let Block::Command { shell, text } = block else {
                let words = prose(block, names);
                match block {
                    Block::Expect(_) if self.last != Last::None => {
                        words.iter().for_each(|line| self.follows(line))
                    }
                    _ => said.extend(words),
                }
                continue;
            };
            self.close();
            if !std::mem::replace(&mut begun, true) {
                self.begin(number, step, names);
            }
            let waits = text.waits_for(names);
            if waits.is_empty() {
                self.ready += 1;
                self.part(number, step, shell, text, &std::mem::take(&mut said), names);
                self.last = Last::Open;
            } else {
                self.waiting += 1;
                self.last = Last::Waits;
                said.drain(..).for_each(|line| self.remark(&line));
                self.remark(&format!("This part waits for: {}", waits.join(", ")));
                command_lines(text).iter().for_each(|line| self.remark(&filled(line, names)));
            }
        }
        if begun {
            said.iter().for_each(|line| self.follows(line));
        }
        self.close();
    }

    /// What the guide says after a command: to whoever ran it, and to nobody where it cannot be run.
    fn follows(&mut self, text: &str) {
        match self.last {
            Last::Open => self.line(&format!("    Write-Host '{}'", quoted(text))),
            Last::None | Last::Waits => self.remark(text),
        }
    }

    /// Ends what only whoever says yes runs.
    fn close(&mut self) {
        if std::mem::take(&mut self.last) == Last::Open {
            self.line("}");
        }
    }

    fn begin(&mut self, number: usize, step: &Step, names: &GuideNames) {
        self.line("");
        self.remark(&format!("---- Step {number}: {}", step.title.words(names)));
        self.remark(&format!("Why: {}", step.why.words(names)));
        for (word, said) in [("Where", &step.place), ("Only if", &step.optional)] {
            if let Some(said) = said {
                self.remark(&format!("{word}: {}", said.words(names)));
            }
        }
    }

    /// A command with what the guide says before it: whoever runs the script has read when not to run it.
    fn part(
        &mut self,
        number: usize,
        step: &Step,
        shell: &str,
        text: &Text,
        said: &[String],
        names: &GuideNames,
    ) {
        let lines = command_lines(text);
        self.line("");
        self.shows(&format!("Step {number}: {} ({shell})", step.title.words(names)));
        if let Some(optional) = &step.optional {
            self.shows(&optional.words(names));
        }
        said.iter().for_each(|line| self.shows(line));
        lines.iter().for_each(|line| self.shows(&format!("    {}", filled(line, names))));
        self.line("if ((Read-Host 'Run these lines? Type yes to run them, or press Enter to leave them out') -eq 'yes') {");
        for line in &lines {
            match asked_for(line) {
                Some((variable, words)) => {
                    self.line(&format!("    {variable} = Read-Host '{}'", quoted(&sentence(words))));
                }
                None => self.line(&format!("    {}", filled(line, names))),
            }
        }
    }
}

/// What the guide says around its commands, a line for each sentence or click.
fn prose(block: &Block, names: &GuideNames) -> Vec<String> {
    match block {
        Block::Say(text) | Block::Note(text) => vec![text.words(names)],
        Block::Expect(text) => vec![format!("You should see: {}", text.words(names))],
        Block::Clicks(clicks) => {
            (1..).zip(clicks).map(|(number, click)| format!("{number}. {}", click.words(names))).collect()
        }
        Block::Command { .. } | Block::Picture(_) => Vec::new(),
    }
}

fn breaks_line(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

fn filled(line: &Text, names: &GuideNames) -> String {
    line.fill_command(names).iter().map(|shown| shown.words()).collect()
}

/// The lines of a command.
fn command_lines(text: &Text) -> Vec<Text> {
    let mut lines = vec![Text(Vec::new())];
    for piece in &text.0 {
        let Piece::Plain(words) = piece else {
            lines.last_mut().into_iter().for_each(|line| line.0.push(piece.clone()));
            continue;
        };
        for (at, part) in words.split('\n').enumerate() {
            if at > 0 {
                lines.push(Text(Vec::new()));
            }
            if let Some(line) = lines.last_mut().filter(|_| !part.is_empty()) {
                line.0.push(Piece::Plain(part.to_owned()));
            }
        }
    }
    lines.retain(|line| !line.0.is_empty());
    lines
}

/// The variable and the words of a line by which the guide asks the admin for something: `$server = 'its name'`.
fn asked_for(line: &Text) -> Option<(&str, &str)> {
    let [Piece::Plain(words)] = &line.0[..] else { return None };
    let (variable, words) = words.split_once(" = ")?;
    let name = variable.strip_prefix('$')?;
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let words = words.strip_prefix('\'')?.strip_suffix('\'')?;
    (plain && !words.contains('\'')).then_some((variable, words))
}

/// Words that ask, with a large first letter.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
