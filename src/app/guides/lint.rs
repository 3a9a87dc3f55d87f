//! Holds the guides of the binary against what every guide owes. Each rule is first tried on a planted fault.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{Guides, built_in};
use crate::{
    domain::{
        guide::{Block, Guide, Picture, Step, Text},
        kind::AccessKind,
    },
    verification,
};

/// The list of the clicks of older guides that stands beside a guide.
const fn clicks(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::ExchangeBasic => include_str!("../../../templates/guides/exchange_basic/clicks.txt"),
        AccessKind::GraphSecret => include_str!("../../../templates/guides/graph_secret/clicks.txt"),
        AccessKind::GraphCertificate => {
            include_str!("../../../templates/guides/graph_certificate/clicks.txt")
        }
        AccessKind::EwsSecret => include_str!("../../../templates/guides/ews_secret/clicks.txt"),
        AccessKind::GoogleDelegated => include_str!("../../../templates/guides/google_delegated/clicks.txt"),
        AccessKind::GoogleKey => include_str!("../../../templates/guides/google_key/clicks.txt"),
        AccessKind::Microsoft365Password => {
            include_str!("../../../templates/guides/microsoft365_password/clicks.txt")
        }
    }
}

/// How many clicks the older guides had: a line that is lost from a list is missed here.
const fn count(kind: AccessKind) -> usize {
    match kind {
        AccessKind::ExchangeBasic => 48,
        AccessKind::Microsoft365Password => 69,
        AccessKind::GraphCertificate | AccessKind::GraphSecret => 37,
        AccessKind::EwsSecret => 39,
        AccessKind::GoogleDelegated | AccessKind::GoogleKey => 2,
    }
}

/// Each guide's version, date and fingerprint, as they were when it was changed last.
const VERSIONS: &str = include_str!("../../../templates/guides/versions.txt");

/// Words that addresses beside the steps have taken.
const TAKEN: [&str; 3] = ["intro", "steps-title", "main"];

fn pictures(guide: &Guide) -> impl Iterator<Item = &Picture> {
    guide.steps.iter().flat_map(|step| &step.blocks).filter_map(|block| match block {
        Block::Picture(picture) => Some(picture),
        _ => None,
    })
}

/// What is wrong with the pictures: too few, without the letters that are spoken of, or without a name.
fn pictures_at_fault(guide: &Guide) -> Vec<String> {
    let mut faults = Vec::new();
    let all = pictures(guide).count();
    if all < 3 {
        faults.push(format!("{all} pictures; three screens are where people go wrong"));
    }
    for picture in pictures(guide) {
        let title = picture.title.plain();
        if picture.letters.len() < 3 {
            faults.push(format!("the picture {title:?} has not the letters a, b and c"));
        }
        if title.split_whitespace().count() < 3 {
            faults.push(format!("the picture {title:?} has no name that tells what it shows"));
        }
        if picture.rows.len() < 3 {
            faults.push(format!("the picture {title:?} shows no screen"));
        }
    }
    faults
}

/// What is wrong with a step: what it has to say and does not.
fn step_at_fault(kind: AccessKind, step: &Step) -> Vec<String> {
    let mut faults = Vec::new();
    if step.why.plain().split_whitespace().count() < 5 {
        faults.push("does not say why".to_owned());
    }
    if step.place.is_none() {
        faults.push("does not say where".to_owned());
    }
    if TAKEN.contains(&step.id.as_str()) {
        faults.push("has an id that something else on the page has".to_owned());
    }
    let plan = verification::plan(kind);
    for id in step.shown_by.iter().filter(|id| plan.iter().all(|planned| planned.id != id.as_str())) {
        faults.push(format!("is shown by {id}, which is no step of the check"));
    }
    for block in &step.blocks {
        let Block::Command { text, .. } = block else { continue };
        let text = text.plain();
        if text.matches(['{', '(']).count() != text.matches(['}', ')']).count() {
            faults.push(format!("has a command whose brackets do not close: {text}"));
        }
        if text.contains("ConvertTo-SecureString") || text.contains("-AsPlainText") {
            faults.push(format!("has a command with a secret in it: {text}"));
        }
    }
    faults.into_iter().map(|fault| format!("{} {fault}", step.id)).collect()
}

/// Everything that is read in a part of a guide: a step, `needs`, or `intro`.
fn said(guide: &Guide, part: &str) -> Option<String> {
    let texts: Vec<&Text> = match part {
        "needs" => guide.needs.iter().collect(),
        "intro" => guide.intro.iter().flat_map(Block::texts).collect(),
        step => guide.step(step)?.texts(),
    };
    Some(texts.into_iter().map(Text::plain).collect::<Vec<_>>().join("\n"))
}

/// What is wrong with a list of clicks, and how many there are.
fn clicks_at_fault(guide: &Guide, list: &str) -> (usize, Vec<String>) {
    let mut faults = Vec::new();
    let lines: Vec<&str> = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    for line in &lines {
        let Some((click, (part, words))) =
            line.split_once(" => ").and_then(|(click, place)| Some((click, place.split_once(": ")?)))
        else {
            faults.push(format!("{line:?} says neither where the click is nor why it went"));
            continue;
        };
        if part == "gone" {
            if words.split_whitespace().count() < 5 {
                faults.push(format!("{click:?} went without a reason"));
            }
            continue;
        }
        match said(guide, part) {
            None => faults.push(format!("{click:?} leads to {part}, which is no step")),
            Some(said) if !said.contains(words) => {
                faults.push(format!("{click:?} is not in {part}: {words:?} stands nowhere there"));
            }
            Some(_) => {}
        }
    }
    let once: BTreeSet<&str> = lines.iter().filter_map(|line| Some(line.split_once(" => ")?.0)).collect();
    (once.len(), faults)
}

fn fingerprint(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..8])
}

/// The line of a guide in the file of versions.
fn version_line(kind: &str, guide: &Guide, text: &str) -> String {
    format!("{kind} {} {} {}", guide.version, guide.date, fingerprint(text))
}

/// What is wrong with a guide's version: a text that was changed has a new one, with the day of the change.
fn version_at_fault(kind: &str, guide: &Guide, text: &str, versions: &str) -> Option<String> {
    let line = version_line(kind, guide, text);
    let known = versions.lines().find(|known| known.split(' ').next() == Some(kind));
    let Some(known) = known else { return Some(format!("{kind} has no version yet: write {line}")) };
    if known == line {
        return None;
    }
    let number = known.split(' ').nth(1).and_then(|number| number.parse::<u32>().ok()).unwrap_or_default();
    Some(if number >= guide.version {
        format!(
            "{kind} was changed: raise its version above {number} and set its date to the day you tried it"
        )
    } else {
        format!("{kind} has a new version: write {line}")
    })
}

#[test]
fn every_guide_keeps_the_rules() {
    let mut faults = Vec::new();
    for kind in AccessKind::ALL {
        let guides = Guides::built_in();
        let guide = guides.of(*kind).expect("a guide");
        let mut found = pictures_at_fault(guide);
        found.extend(guide.steps.iter().flat_map(|step| step_at_fault(*kind, step)));
        let (clicks, missing) = clicks_at_fault(guide, clicks(*kind));
        found.extend(missing);
        if clicks != count(*kind) {
            found.push(format!("{clicks} clicks of older guides are told, and there were {}", count(*kind)));
        }
        found.extend(version_at_fault(kind.id(), guide, built_in(*kind), VERSIONS));
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", kind.id())));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// A guide with one fault of each sort.
const PLANTED: &str = "\
---
title: Planted
version: 3
date: 2026-11-21
minutes: 1
needs:
- A phone.
---
Hello.

## Main {#main}
why: Because.
shown by: token nothing_such

1. Select **Add**.

```powershell Shell
Get-Thing | % { ConvertTo-SecureString 'x'
```

```picture Box
at: Here
field: Name = x (a)
a: Enter it.
```
";

#[test]
fn planted_faults_are_found() {
    let guide = Guide::parse(PLANTED).expect("it can be read");
    let pictures = pictures_at_fault(&guide).join("\n");
    for words in ["1 pictures", "not the letters", "no name", "no screen"] {
        assert!(pictures.contains(words), "{words} in {pictures}");
    }
    let step = step_at_fault(AccessKind::GraphSecret, &guide.steps[0]).join("\n");
    for words in
        ["not say why", "not say where", "something else", "nothing_such", "brackets", "a secret in it"]
    {
        assert!(step.contains(words), "{words} in {step}");
    }
    assert!(!step.contains("by token,"), "{step}");

    let list = "# remark\n\nOne => main: Select Add\nTwo => main: Select Remove\nThree => nowhere: x\nFour => gone: so\nFive\n\
                Six => needs: A phone\nSix => intro: Hello\nSeven => gone: the portal does it by itself\n";
    let (count, faults) = clicks_at_fault(&guide, list);
    assert_eq!(count, 6, "a click that stands twice counts once, and one without a place not at all");
    let faults = faults.join("\n");
    for words in [
        "\"Two\" is not in main",
        "\"Three\" leads to nowhere",
        "\"Four\" went without",
        "\"Five\" says neither",
    ] {
        assert!(faults.contains(words), "{words} in {faults}");
    }
    assert_eq!(faults.lines().count(), 4, "{faults}");

    let line = version_line("planted", &guide, PLANTED);
    assert_eq!(version_at_fault("planted", &guide, PLANTED, &line), None);
    let changed = PLANTED.replace("Hello", "Good morning");
    let told = version_at_fault("planted", &guide, &changed, &line).expect("a fault");
    assert!(told.contains("raise its version above 3"), "{told}");
    let raised = Guide::parse(&changed.replace("version: 3", "version: 4")).expect("it can be read");
    let told = version_at_fault("planted", &raised, &changed, &line).expect("a fault");
    assert!(told.contains("write planted 4 2026-11-21"), "{told}");
    assert!(version_at_fault("other", &guide, PLANTED, &line).is_some());
}
