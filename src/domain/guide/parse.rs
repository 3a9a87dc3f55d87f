//! Reads the file of a guide, line by line.
//!
//! ~~~text
//! ---
//! title: Connect your Exchange server
//! version: 1
//! date: 2026-11-21
//! minutes: 30
//! needs:
//! - An account that may ...
//! ---
//! Sentences before the first step.
//!
//! ## Title of a step {#id}
//! why: Because ...
//! where: Exchange admin center > recipients     (may be left out)
//! optional: Only if ...                         (for a step that is normally not needed)
//! mends: cause_id other_cause_id                (may be left out)
//! asks: cause_id                                (causes that a person sees here and no check does; may be left out)
//! shown by: check_step other_step               (steps of a check that show that it was done; may be left out)
//! film: 3:20                                    (where in the film it begins; may be left out)
//!
//! 1. A click.
//! 2. The next.
//!
//! ```powershell Exchange Management Shell
//! Get-User '{service_account}'
//! ```
//!
//! ```picture What the screen is called
//! (see the file of pictures)
//! ```
//!
//! expect: What is seen then.
//! note: What must not be missed.
//! <!-- what is for the writers alone -->
//! ~~~

use std::{iter::Peekable, str::Lines};

use super::{
    content::{Block, Guide, Step},
    lines::{command, sentence},
    picture::Picture,
    text::{Mistake, Text},
};

/// What stands at once below a step's title.
const STEP_KEYS: [&str; 7] = ["why", "where", "optional", "mends", "asks", "shown by", "film"];

struct Reader<'a> {
    rest: Peekable<std::iter::Enumerate<Lines<'a>>>,
}

fn wrong<T>(line: usize, reason: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake { line, reason: reason.into() })
}

impl Guide {
    /// Reads a guide's file. Errs with the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        guide(text)
    }
}

fn guide(text: &str) -> Result<Guide, Mistake> {
    let mut reader = Reader { rest: text.lines().enumerate().peekable() };
    let mut guide = front(&mut reader)?;
    guide.intro = blocks(&mut reader)?;
    while let Some((line, head)) = reader.take() {
        let step = step(&mut reader, line, head)?;
        if guide.steps.iter().any(|other| other.id == step.id) {
            return wrong(line, format!("{{#{}}} stands twice", step.id));
        }
        guide.steps.push(step);
    }
    if guide.steps.is_empty() {
        return wrong(text.lines().count().max(1), "there is no step; a step begins with ## and its title");
    }
    Ok(guide)
}

impl<'a> Reader<'a> {
    /// The next line that says something, counted from 1. Remarks of the writers are passed over.
    fn peek(&mut self) -> Result<Option<(usize, &'a str)>, Mistake> {
        while let Some((at, line)) = self.rest.peek().copied() {
            if line.trim().is_empty() {
                self.rest.next();
            } else if line.starts_with("<!--") {
                self.remark(at + 1)?;
            } else {
                return Ok(Some((at + 1, line.trim_end())));
            }
        }
        Ok(None)
    }

    fn remark(&mut self, begun: usize) -> Result<(), Mistake> {
        for (at, line) in self.rest.by_ref() {
            if let Some((_, after)) = line.split_once("-->") {
                let clean = after.trim().is_empty();
                return if clean { Ok(()) } else { wrong(at + 1, "nothing may stand behind -->") };
            }
        }
        wrong(begun, "<!-- has no end -->")
    }

    fn take(&mut self) -> Option<(usize, &'a str)> {
        self.rest.next().map(|(at, line)| (at + 1, line.trim_end()))
    }
}

fn front(reader: &mut Reader<'_>) -> Result<Guide, Mistake> {
    if reader.take().is_none_or(|(_, line)| line != "---") {
        return wrong(1, "a guide begins with --- and its title, version, date, minutes and needs");
    }
    let (mut title, mut version, mut date, mut minutes, mut needs) = (None, None, None, None, None);
    loop {
        let Some((line, text)) = reader.take() else { return wrong(1, "the second --- is missing") };
        if text == "---" {
            break;
        }
        if let Some(need) = text.strip_prefix("- ") {
            let Some(list) = needs.as_mut() else { return wrong(line, "write needs: above the list") };
            let list: &mut Vec<Text> = list;
            list.push(sentence(line, need)?);
            continue;
        }
        let Some((key, value)) = text.split_once(':') else { return wrong(line, "write name: value") };
        let value = value.trim();
        let fresh = match key {
            "title" => title.replace(value.to_owned()).is_none() && !value.is_empty(),
            "version" => version.replace(value.parse().or(wrong(line, "version: a whole number"))?).is_none(),
            "date" => {
                date.replace(value.parse().or(wrong(line, "date: a day such as 2026-11-21"))?).is_none()
            }
            "minutes" => minutes.replace(value.parse().or(wrong(line, "minutes: a whole number"))?).is_none(),
            "needs" => needs.replace(Vec::new()).is_none() && value.is_empty(),
            _ => return wrong(line, format!("{key} is none of title, version, date, minutes, needs")),
        };
        if !fresh {
            return wrong(line, format!("{key} stands twice, or has not the form that it should"));
        }
    }
    match (title, version, date, minutes, needs) {
        (Some(title), Some(version), Some(date), Some(minutes), Some(needs)) if !needs.is_empty() => {
            Ok(Guide { title, version, date, minutes, needs, intro: Vec::new(), steps: Vec::new() })
        }
        _ => wrong(1, "a guide has title, version, date, minutes and needs with at least one line"),
    }
}

fn step(reader: &mut Reader<'_>, line: usize, head: &str) -> Result<Step, Mistake> {
    let form = "a step begins with: ## its title {#id}";
    let Some((title, id)) = head
        .strip_prefix("## ")
        .and_then(|head| head.strip_suffix('}'))
        .and_then(|head| head.rsplit_once("{#"))
    else {
        return wrong(line, form);
    };
    let named = !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if !named || title.trim().is_empty() {
        return wrong(line, format!("{form}; the id has small letters and hyphens"));
    }
    let title = sentence(line, title.trim())?;
    let (mut why, mut place, mut optional, mut mends) = (None, None, None, None);
    let (mut asks, mut shown_by, mut film) = (None, None, None);
    while let Some((at, text)) = reader.peek()? {
        let Some((key, value)) = text.split_once(": ").filter(|(key, _)| STEP_KEYS.contains(key)) else {
            break;
        };
        reader.take();
        let words = || value.split_whitespace().map(str::to_owned).collect();
        let fresh = match key {
            "why" => why.replace(sentence(at, value)?).is_none(),
            "where" => place.replace(sentence(at, value)?).is_none(),
            "optional" => optional.replace(sentence(at, value)?).is_none(),
            "mends" => mends.replace(words()).is_none(),
            "asks" => asks.replace(words()).is_none(),
            "shown by" => shown_by.replace(words()).is_none(),
            _ => film.replace(seconds(at, value)?).is_none(),
        };
        if !fresh {
            return wrong(at, format!("{key} stands twice in this step"));
        }
    }
    let Some(why) = why else { return wrong(line, "every step says why: write why: below its title") };
    let blocks = blocks(reader)?;
    if blocks.is_empty() {
        return wrong(line, "this step says nothing to do");
    }
    let (id, mends, shown_by) = (id.to_owned(), mends.unwrap_or_default(), shown_by.unwrap_or_default());
    let asks = asks.unwrap_or_default();
    Ok(Step { id, title, why, place, optional, mends, asks, shown_by, film, blocks })
}

/// A place in a film: minutes, a colon, two digits of seconds.
fn seconds(line: usize, text: &str) -> Result<u32, Mistake> {
    let read = || {
        let (minutes, seconds) = text.split_once(':')?;
        let seconds: u32 = seconds.parse().ok().filter(|read| *read < 60 && seconds.len() == 2)?;
        minutes.parse::<u32>().ok()?.checked_mul(60)?.checked_add(seconds)
    };
    read().ok_or_else(|| Mistake { line, reason: "film: minutes and seconds, such as 3:20".to_owned() })
}

/// The blocks up to the next step.
fn blocks(reader: &mut Reader<'_>) -> Result<Vec<Block>, Mistake> {
    let mut blocks = Vec::new();
    while let Some((line, text)) = reader.peek()? {
        if text.starts_with("## ") {
            break;
        }
        reader.take();
        let block = if let Some(shell) = text.strip_prefix("```powershell ") {
            fenced_command(reader, line, shell)?
        } else if let Some(title) = text.strip_prefix("```picture ") {
            Block::Picture(Picture::read((line, title), &fenced(reader, line)?)?)
        } else if let Some(said) = text.strip_prefix("expect: ") {
            Block::Expect(sentence(line, said)?)
        } else if let Some(said) = text.strip_prefix("note: ") {
            Block::Note(sentence(line, said)?)
        } else if let Some((number, click)) = counted(text) {
            add_click(&mut blocks, line, number, click)?;
            continue;
        } else if text.starts_with(['#', '`', '-', '*', '|', '>', ' ', '<']) {
            return wrong(
                line,
                "this is none of: sentences, 1. clicks, ```powershell SHELL, ```picture TITLE, expect:, note:",
            );
        } else if text.split_once(": ").is_some_and(|(key, _)| STEP_KEYS.contains(&key)) {
            return wrong(line, format!("{} stand at once below the step's title", STEP_KEYS.join(", ")));
        } else {
            Block::Say(sentence(line, text)?)
        };
        blocks.push(block);
    }
    Ok(blocks)
}

fn counted(text: &str) -> Option<(usize, &str)> {
    let (number, click) = text.split_once(". ")?;
    Some((number.parse().ok()?, click))
}

/// Clicks are counted on within one list; any other block ends it, and the next list goes on counting or begins anew.
fn add_click(blocks: &mut Vec<Block>, line: usize, number: usize, click: &str) -> Result<(), Mistake> {
    let click = sentence(line, click)?;
    match blocks.last_mut() {
        Some(Block::Clicks(list)) if number == list.len() + 1 => list.push(click),
        Some(Block::Clicks(list)) => {
            return wrong(line, format!("this click is number {}", list.len() + 1));
        }
        _ if number == 1 => blocks.push(Block::Clicks(vec![click])),
        _ => return wrong(line, "a list of clicks begins with 1."),
    }
    Ok(())
}

/// The lines up to the end of a fence, each with its number.
fn fenced<'a>(reader: &mut Reader<'a>, line: usize) -> Result<Vec<(usize, &'a str)>, Mistake> {
    let mut lines = Vec::new();
    while let Some((at, inside)) = reader.take() {
        if inside == "```" {
            return Ok(lines);
        }
        lines.push((at, inside));
    }
    wrong(line, "``` has no end")
}

fn fenced_command(reader: &mut Reader<'_>, line: usize, shell: &str) -> Result<Block, Mistake> {
    let lines: Vec<&str> = fenced(reader, line)?.into_iter().map(|(_, text)| text).collect();
    let text = command(line, lines.join("\n").trim_end())?;
    if text.0.is_empty() {
        return wrong(line, "the command is empty");
    }
    Ok(Block::Command { shell: shell.trim().to_owned(), text })
}
