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
shown by: token mailbox
film: 3:20

1. Select **Add**.
2. Enter {app_name}.

```powershell EMS
Get-User '{agent}' | % { $_ }
```

```picture The box
at: Here > there
tabs: One | Two*
field: Name = {app_name} (a)
tick: [x] Yes (b)
head: First | Second
line: 1 | 2 (c)
a: Enter it.
b: Tick it.
c: Look at it.
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
    assert_eq!(
        (guide.steps[0].shown_by.as_slice(), guide.steps[0].film),
        (&["token", "mailbox"].map(str::to_owned)[..], Some(200))
    );
    let Block::Picture(picture) = &guide.steps[0].blocks[2] else { panic!("a picture") };
    assert_eq!((picture.title.plain().as_str(), picture.place.plain().as_str()), ("The box", "Here > there"));
    let Row::Tabs(tabs) = &picture.rows[0] else { panic!("tabs") };
    assert_eq!(tabs.iter().map(|tab| tab.on).collect::<Vec<_>>(), [false, true]);
    let Row::Field(label, part) = &picture.rows[1] else { panic!("a field") };
    assert_eq!(
        (label.plain().as_str(), part.text.plain().as_str(), part.letter),
        ("Name", "{app_name}", Some('a'))
    );
    let Row::Tick(part) = &picture.rows[2] else { panic!("a box") };
    assert!(part.on && part.letter == Some('b') && part.text.plain() == "Yes");
    assert_eq!(picture.letters.len(), 3);
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
        ("{#or-not}", "{#make}", 41, "stands twice"),
        ("why: Because.\n", "", 13, "says why"),
        ("why: Because.", "why: Because.\nwhy: Again.", 15, "stands twice"),
        ("2. Enter", "3. Enter", 21, "number 2"),
        ("1. Select", "2. Select", 20, "begins with 1."),
        ("**Add**", "**Add", 20, "no end"),
        ("**Add**", "**{agent}**", 20, "without a blank"),
        ("'{agent}' |", "{agent} |", 23, "single quotes"),
        ("'{agent}' |", "\"{agent}\" |", 23, "single quotes"),
        ("note: Careful.\n", "", 41, "nothing to do"),
        ("film: 3:20", "film: 3:7", 18, "such as 3:20"),
        ("film: 3:20", "film: three", 18, "such as 3:20"),
        ("at: Here > there\n", "", 27, "says where it is"),
        ("tabs: One", "tab: One", 29, "tab is none of"),
        ("tick: [x]", "tick: (x)", 31, "[x] for a box"),
        ("field: Name = ", "field: Name: ", 30, "its label"),
        ("Yes (b)", "Yes", 27, "below it are told"),
        ("Yes (b)", "Yes (c)", 27, "below it are told"),
        ("b: Tick it.\n", "", 35, "the next letter is b"),
        ("line: 1", "line 1", 33, "its sort, a colon"),
        ("{app_name} (a)", "{appname} (a)", 30, "no blank"),
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
            let command: String = text.fill_command(&names).iter().map(Shown::words).collect();
            let (read, rest) = within_quotes(&command).expect("quotes that end");
            prop_assert_eq!(rest, "; Get-User");
            if names.fills("agent") {
                let kept: String = name.chars().filter(|letter| !letter.is_control()).collect();
                prop_assert!(read == kept || read == kept.trim(), "{:?} of {:?}", read, kept);
            }
        }
    }
}

/// A script without what it says: remarks are gone and every text in quotes is empty. What is left is what runs, as
/// PowerShell reads it.
fn skeleton(script: &str) -> String {
    let quotes = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];
    let doubles = ['"', '\u{201c}', '\u{201d}', '\u{201e}'];
    let (mut out, mut rest) = (String::new(), script.trim_start_matches('\u{feff}'));
    while let Some(letter) = rest.chars().next() {
        let begins_word =
            out.is_empty() || out.ends_with(|before: char| before.is_whitespace() || "({;".contains(before));
        if letter == '#' && begins_word {
            rest = rest.find(['\r', '\n']).map_or("", |end| &rest[end..]);
        } else if quotes.contains(&letter) {
            let plain = format!("'{}", &rest[letter.len_utf8()..]);
            let (_, after) = within_quotes(&plain).expect("quotes that end");
            rest = &rest[rest.len() - after.len()..];
            out.push_str("''");
        } else if doubles.contains(&letter) {
            let end = rest[letter.len_utf8()..].find(doubles).expect("quotes that end");
            let whole = &rest[letter.len_utf8()..letter.len_utf8() + end];
            out.push_str(whole);
            rest = &rest[letter.len_utf8() + end + 1..];
        } else {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    out
}

const COMMANDS: &str = "\
---
title: Connect
version: 3
date: 2026-11-21
minutes: 12
needs:
- A right.
---
Hello.

## Make {app_name} {#make}
why: Because {agent}.
where: Here > {app_name}

```powershell EMS
$server = 'name of your server'
New-Thing '{app_name}' -Server \"$server\\EWS (Default)\" -Member '{agent}'
```

## Or {group} {#or-not}
why: Perhaps.
optional: Only if {agent} asks.

```powershell PowerShell
Get-Thing '{group}' | % { $_ }
```
";

fn all_named(name: &str) -> GuideNames {
    BLANKS.iter().fold(GuideNames::default(), |names, blank| names.with(blank, name))
}

#[test]
fn a_script_runs_nothing_that_nobody_said_yes_to() {
    let guide = Guide::parse(COMMANDS).expect("a guide");
    let made = script(&guide, &all_named("Moxi's"), "LKS-0042-2").expect("commands");
    assert_eq!((made.ready, made.waiting), (2, 0));
    assert!(made.text.starts_with("\u{feff}# Connect: the commands of the guide\r\n"), "{}", made.text);
    assert_eq!(
        made.text.matches('\n').count(),
        made.text.matches("\r\n").count(),
        "each line ends as on Windows"
    );
    for said in [
        "# Attempt LKS-0042-2. Guide version 3, 21 November 2026.\r\n",
        "# ---- Step 1: Make Moxi's\r\n# Why: Because Moxi's.\r\n# Where: Here > Moxi's\r\n",
        "Write-Host '    New-Thing ''Moxi''''s''",
        "    $server = Read-Host 'Name of your server'\r\n",
        "    New-Thing 'Moxi''s' -Server \"$server\\EWS (Default)\" -Member 'Moxi''s'\r\n}\r\n",
        "# Only if: Only if Moxi's asks.\r\n",
    ] {
        assert!(made.text.contains(said), "{said} in\n{}", made.text);
    }
    let ran = skeleton(&made.text);
    let mut within = false;
    for line in ran.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let asks = line == "if ((Read-Host '') -eq '') {";
        let harmless = line == "Write-Host ''" || line == "$ErrorActionPreference = ''";
        assert!(within || asks || harmless, "{line} runs by itself");
        within = (within || asks) && line != "}";
    }
    assert!(!within, "the last part ends");
}

#[test]
fn a_part_that_waits_for_a_name_is_a_remark() {
    let guide = Guide::parse(COMMANDS).expect("a guide");
    let names = GuideNames::default()
        .or("app_name", "MoxiEngage")
        .or_example("agent", "your\r\nagent")
        .or("group", "Agents");
    let made = script(&guide, &names, "LKS-0042-1").expect("commands");
    assert_eq!((made.ready, made.waiting), (1, 1));
    assert!(made.text.contains("# This part waits for: your  agent\r\n# $server = "), "{}", made.text);
    assert!(!skeleton(&made.text).contains("New-Thing") && skeleton(&made.text).contains("Get-Thing"));
    let clicks = Guide::parse(
        &COMMANDS
            .replace("```powershell EMS", "1. Do it.\n\n```picture X\nat: Y")
            .replace("$server = 'name of your server'\n", "")
            .replace("New-Thing '{app_name}' -Server \"$server\\EWS (Default)\" -Member '{agent}'\n", "")
            .replace("```powershell PowerShell\nGet-Thing '{group}' | % { $_ }\n```", "1. Do."),
    );
    assert_eq!(script(&clicks.expect("a guide"), &names, "X"), None, "a guide of clicks has none");
}

/// "You should see ..." and what to do then is for whoever ran the lines, and for nobody else.
#[test]
fn what_follows_a_part_is_said_to_whoever_ran_it() {
    let followed = COMMANDS.replace(
        "Get-Thing '{group}' | % { $_ }\n```",
        "Get-Thing '{group}'\n```\n\nexpect: True.\nnote: Now remove the rest.",
    );
    assert_ne!(followed, COMMANDS);
    let guide = Guide::parse(&followed).expect("a guide");
    let ran = script(&guide, &all_named("usual"), "LKS-0042-1").expect("commands").text;
    let part = ran.split("    Get-Thing 'usual'\r\n").nth(1).expect("the part");
    let within = part.split("\r\n}\r\n").next().expect("its end");
    assert_eq!(
        within, "    Write-Host 'You should see: True.'\r\n    Write-Host 'Now remove the rest.'",
        "{ran}"
    );
    let names = GuideNames::default()
        .or("app_name", "MoxiEngage")
        .or("agent", "pat@lakeshore.example")
        .or_example("group", "yours");
    let waits = script(&guide, &names, "LKS-0042-1").expect("commands").text;
    assert!(waits.contains("# You should see: True.\r\n# Now remove the rest.\r\n"), "{waits}");
    assert!(!waits.contains("Write-Host 'Now") && !waits.contains("Write-Host 'You"), "{waits}");
}

proptest! {
    #[test]
    fn no_name_changes_what_a_script_runs(name in "\\PC{0,12}['\u{2018}\u{2019}\u{201a}\u{201b}\"\u{201c}`$({;#<>|&\r\n\u{85}\u{2028}\u{2029}]{0,8}\\PC{0,12}") {
        let guide = Guide::parse(COMMANDS).expect("a guide");
        let usual = skeleton(&script(&guide, &all_named("usual"), "LKS-0042-1").expect("commands").text);
        if !name.trim().is_empty() {
            let text = script(&guide, &all_named(&name), "LKS-0042-1").expect("commands").text;
            prop_assert_eq!(skeleton(&text), usual, "{}", text);
        }
        let examples = BLANKS.iter().fold(GuideNames::default(), |names, blank| names.or_example(blank, &name));
        let waiting = script(&guide, &examples, "LKS-0042-1").expect("commands");
        prop_assert!(!skeleton(&waiting.text).contains("Thing"), "{}", waiting.text);
    }
}
