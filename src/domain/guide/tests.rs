//! The file of a guide: what is read, what is refused and on which line, and that no name leaves its quotes.

use proptest::prelude::*;

use super::*;

const WHOLE: &str = "\
---
title: Connect
version: 3
date: 2026-11-21
minutes: 12
needs:
- A **right** of yours.
---
Hello {agent}.

<!-- for writers:
## not a step -->
## Make it {#make}
why: Because.
where: Here > there
mends: one_cause other

1. Select **Add**.
2. Enter {app_name}.

```powershell EMS
Get-User '{agent}' | % { $_ }
```

expect: It says so.

## Or not {#or-not}
why: Perhaps.
optional: Only if asked.

note: Careful.
";

#[test]
fn a_guide_is_read_whole() {
    let guide = Guide::parse(WHOLE).expect("a guide");
    assert_eq!((guide.title.as_str(), guide.version, guide.minutes), ("Connect", 3, 12));
    assert_eq!(guide.needs[0].plain(), "A right of yours.");
    assert_eq!(
        guide.intro,
        [Block::Say(Text(vec![
            Piece::Plain("Hello ".to_owned()),
            Piece::Blank("agent"),
            Piece::Plain(".".to_owned())
        ]))]
    );
    let ids: Vec<&str> = guide.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["make", "or-not"]);
    let Block::Clicks(clicks) = &guide.steps[0].blocks[0] else { panic!("clicks") };
    assert_eq!(clicks.len(), 2);
    let Block::Command { shell, text } = &guide.steps[0].blocks[1] else { panic!("a command") };
    assert_eq!((shell.as_str(), text.plain().as_str()), ("EMS", "Get-User '{agent}' | % { $_ }"));
    assert!(guide.steps[0].optional.is_none() && guide.steps[1].optional.is_some());
    assert_eq!(guide.step_for("other").map(|step| step.id.as_str()), Some("make"));
    assert_eq!(guide.step_for("third"), None);
}

#[test]
fn a_mistake_is_told_with_its_line() {
    for (from, to, line, word) in [
        ("---\ntitle", "title", 1, "begins with ---"),
        ("version: 3", "version: soon", 3, "whole number"),
        ("date: 2026-11-21", "date: yesterday", 4, "such as"),
        ("minutes: 12", "minuts: 12", 5, "minuts is none of"),
        ("version: 3", "title: Again", 3, "stands twice"),
        ("- A **right** of yours.\n", "", 1, "at least one line"),
        ("Hello {agent}.", "Hello {nobody}.", 9, "{nobody} is no blank"),
        ("Hello {agent}.", "Hello <b>you</b>.", 9, "tags"),
        ("Hello {agent}.", "* one", 9, "none of"),
        ("Hello {agent}.", "why: too soon", 9, "below the step's title"),
        ("-->", "--", 11, "no end"),
        ("{#make}", "", 13, "a step begins with"),
        ("{#make}", "{#Make it}", 13, "small letters"),
        ("{#or-not}", "{#make}", 27, "stands twice"),
        ("why: Because.\n", "", 13, "says why"),
        ("why: Because.", "why: Because.\nwhy: Again.", 15, "stands twice"),
        ("2. Enter", "3. Enter", 19, "number 2"),
        ("1. Select", "2. Select", 18, "begins with 1."),
        ("**Add**", "**Add", 18, "no end"),
        ("**Add**", "**{agent}**", 18, "without a blank"),
        ("'{agent}' |", "{agent} |", 21, "single quotes"),
        ("'{agent}' |", "\"{agent}\" |", 21, "single quotes"),
        ("note: Careful.\n", "", 27, "nothing to do"),
    ] {
        assert!(WHOLE.contains(from), "{from}");
        let mistake = Guide::parse(&WHOLE.replacen(from, to, 1)).expect_err(to);
        assert_eq!(mistake.line, line, "{to}: {}", mistake.reason);
        assert!(mistake.reason.contains(word), "{to}: {}", mistake.reason);
    }
    let cut = WHOLE.split("```\n").next().expect("a half");
    assert!(Guide::parse(cut).expect_err("cut").reason.contains("no end"));
    assert!(Guide::parse("").is_err());
}

/// What PowerShell reads within single quotes: the text up to the first quote that is not doubled.
fn within_quotes(command: &str) -> Option<(String, &str)> {
    let quotes = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];
    let mut letters = command.strip_prefix('\'')?.char_indices().peekable();
    let mut out = String::new();
    while let Some((at, letter)) = letters.next() {
        if !quotes.contains(&letter) {
            out.push(letter);
        } else if letters.peek().is_some_and(|(_, next)| quotes.contains(next)) {
            out.push(letter);
            letters.next();
        } else {
            return Some((out, &command[1 + at + letter.len_utf8()..]));
        }
    }
    None
}

proptest! {
    #[test]
    fn no_name_leaves_its_quotes(name in "\\PC{0,12}['\u{2018}\u{2019}\u{201a}\u{201b}`$({;\n]{0,6}\\PC{0,12}") {
        let text = lines::command(1, "'{agent}'; Get-User").expect("a command");
        let named = GuideNames::default().with("agent", &name);
        let open = GuideNames::default().or("agent", &name);
        for names in [named, open] {
            let command: String = text.fill_command(&names).into_iter().map(|shown| match shown {
                Shown::Plain(text) | Shown::Strong(text) | Shown::Name(text) | Shown::Open(text) => text,
            }).collect();
            let (read, rest) = within_quotes(&command).expect("quotes that end");
            prop_assert_eq!(rest, "; Get-User");
            if names.fills("agent") {
                let kept: String = name.chars().filter(|letter| !letter.is_control()).collect();
                prop_assert!(read == kept || read == kept.trim(), "{:?} of {:?}", read, kept);
            }
        }
    }
}
