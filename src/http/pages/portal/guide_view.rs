//! A guide with the names of an attempt in it, as its pages show it.

use super::{guide_names::cause_names, guide_picture::Drawing};
use crate::{
    actions::cause_words::CauseWords,
    domain::{
        cause::Cause,
        causes,
        guide::{Block, Guide, GuideNames, Shown, Step, Text},
    },
};

/// A step with its names.
pub struct ShownStep {
    pub(super) id: String,
    pub(super) title: Vec<Shown>,
    /// The title in an attribute, or behind a button for those who do not see what it belongs to.
    pub(super) name: String,
    pub(super) why: Vec<Shown>,
    pub(super) place: Option<Vec<Shown>>,
    pub(super) optional: Option<Vec<Shown>>,
    pub(super) blocks: Vec<ShownBlock>,
    /// What whoever does it may see there, and no check does.
    pub(super) asks: Vec<Told>,
    /// Its place in the film: the address, and the time for people.
    pub(super) film: Option<(String, String)>,
}

/// A cause that a person sees and no check does.
pub struct Told {
    /// What is seen, half a sentence.
    pub(super) sign: &'static str,
    /// What it means and how it is mended.
    pub(super) words: CauseWords,
}

/// A piece of a step with its names.
pub enum ShownBlock {
    /// Plain sentences.
    Say(Vec<Shown>),
    /// Sentences that must not be missed.
    Note(Vec<Shown>),
    /// What is seen when it went well.
    Expect(Vec<Shown>),
    /// Clicks, counted.
    Clicks(Vec<Vec<Shown>>),
    /// A command to copy.
    Command(ShownCommand),
    /// A drawn screen.
    Picture(Drawing),
}

/// A command with its names.
pub struct ShownCommand {
    pub(super) shell: String,
    /// What tells it from the other commands of the page, for those who do not see it.
    pub(super) name: String,
    pub(super) text: Vec<Shown>,
    /// What it waits for: until that is known, nobody should copy it.
    pub(super) waits: String,
}

/// The pieces that stand before the first step.
pub(super) fn intro(guide: &Guide, names: &GuideNames) -> Vec<ShownBlock> {
    guide.intro.iter().map(|block| shown(block, names, "before the first step")).collect()
}

/// The steps; `film` is the address of the guide's film.
pub(super) fn steps(guide: &Guide, names: &GuideNames, film: Option<&str>) -> Vec<ShownStep> {
    (1..).zip(&guide.steps).map(|(number, step)| shown_step(number, step, names, film)).collect()
}

fn shown_step(number: usize, step: &Step, names: &GuideNames, film: Option<&str>) -> ShownStep {
    let fill = |text: &Text| text.fill(names);
    let mut commands = 0;
    let blocks = step.blocks.iter().map(|block| {
        commands += usize::from(matches!(block, Block::Command { .. }));
        shown(block, names, &format!("{commands} of step {number}"))
    });
    ShownStep {
        id: step.id.clone(),
        title: fill(&step.title),
        name: step.title.words(names),
        why: fill(&step.why),
        place: step.place.as_ref().map(fill),
        optional: step.optional.as_ref().map(fill),
        blocks: blocks.collect(),
        asks: told(step, names),
        film: film.zip(step.film).map(|(film, seconds)| (film_at(film, seconds), time(seconds))),
    }
}

/// What a step asks about. A guide of somebody's own may name what this version does not know; that is left out.
pub(super) fn told(step: &Step, names: &GuideNames) -> Vec<Told> {
    let names = cause_names(names);
    let one = |cause: &'static Cause| {
        let words = CauseWords::of(Some(&cause.cause_id()), &names);
        cause.told.map(|sign| Told { sign, words })
    };
    step.asks.iter().filter_map(|id| causes::find(id)).filter_map(one).collect()
}

fn shown(block: &Block, names: &GuideNames, name: &str) -> ShownBlock {
    match block {
        Block::Say(text) => ShownBlock::Say(text.fill(names)),
        Block::Note(text) => ShownBlock::Note(text.fill(names)),
        Block::Expect(text) => ShownBlock::Expect(text.fill(names)),
        Block::Clicks(clicks) => ShownBlock::Clicks(clicks.iter().map(|click| click.fill(names)).collect()),
        Block::Command { shell, text } => ShownBlock::Command(ShownCommand {
            shell: shell.clone(),
            name: name.to_owned(),
            text: text.fill_command(names),
            waits: text.waits_for(names).join(", "),
        }),
        Block::Picture(picture) => ShownBlock::Picture(Drawing::of(picture, names)),
    }
}

/// Where a film's address takes the seconds at which it begins.
const SECONDS: &str = "{seconds}";

/// The address of a film at a place in it: sites write the seconds where their address says so, and others understand
/// them behind `#t=`.
pub(super) fn film_at(film: &str, seconds: u32) -> String {
    if film.contains(SECONDS) {
        film.replace(SECONDS, &seconds.to_string())
    } else if seconds == 0 {
        film.to_owned()
    } else {
        format!("{film}#t={seconds}")
    }
}

/// "3:20".
fn time(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_begins_where_its_site_is_told_to() {
        assert_eq!(film_at("https://film.example/1", 0), "https://film.example/1");
        assert_eq!(film_at("https://film.example/1", 200), "https://film.example/1#t=200");
        assert_eq!(film_at("https://film.example/?v=1&t={seconds}", 200), "https://film.example/?v=1&t=200");
        assert_eq!(time(200), "3:20");
        assert_eq!(time(59), "0:59");
    }
}
