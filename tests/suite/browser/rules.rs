//! What every page must keep, whatever it shows: the accessibility rules of axe in both colours at two widths, no
//! sideways scrolling on a narrow telephone, a silent console. A picture of each is kept for people to look at.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::chromium::Chromium;

const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const WIDTHS: [u32; 2] = [1280, 390];
const NARROW: u32 = 320;

/// Where the rules are, a script to run on a page.
pub fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/browser/node_modules/axe-core/axe.min.js")
}

/// Holds the page that `browser` is on against the rules, in both colours. Gives what is wrong with it.
pub async fn faults(browser: &Chromium, page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for theme in ["light", "dark"] {
        // The server renders the choice as this attribute; setting it saves a form for each page.
        browser
            .client
            .execute_async(
                "document.documentElement.dataset.theme = arguments[0];
                 // Colours change over a moment; half-way they are nobody's choice.
                 const done = arguments[1];
                 requestAnimationFrame(() => Promise.allSettled(document.getAnimations().filter(a => a.effect?.getComputedTiming().iterations !== Infinity).map(a => a.finished)).then(() => done(true)));",
                vec![theme.into()],
            )
            .await
            .expect("the colours change");
        for width in WIDTHS {
            browser.is_as_wide_as(width).await;
            for violation in violations(browser).await {
                faults.push(format!("{page}, {theme}, {width} px: {violation}"));
            }
            keep(page, theme, width, &browser.picture().await);
        }
    }
    browser.is_as_wide_as(NARROW).await;
    let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let over = browser.client.execute(script, Vec::new()).await.expect("a number");
    if over.as_i64() != Some(0) {
        faults.push(format!("{page}: {over} px wider than a screen of {NARROW} px"));
    }
    browser.is_as_wide_as(WIDTHS[0]).await;
    faults.extend(quiet(browser, page).await);
    faults
}

/// What the console has to say against a page.
pub async fn quiet(browser: &Chromium, page: &str) -> Vec<String> {
    let lines = browser.console().await;
    // The browser's own line for an error page's status tells what the test asked for.
    let own =
        |line: &String| line.contains("Failed to load resource: the server responded with a status of 4");
    lines.iter().filter(|line| !own(line)).map(|line| format!("{page}, console: {line}")).collect()
}

/// What the rules find on the page as it stands now.
pub async fn violations(browser: &Chromium) -> Vec<String> {
    let here = browser.client.execute("return typeof axe !== 'undefined'", Vec::new()).await;
    if here.expect("an answer") != json!(true) {
        let axe = fs::read_to_string(file()).expect("the rules");
        browser.client.execute(&axe, Vec::new()).await.expect("the rules load");
    }
    let script = "const done = arguments[arguments.length - 1];
        axe.run(document, { runOnly: arguments[0], resultTypes: ['violations'] })
            .then(found => done(found.violations.map(v => ({ id: v.id, help: v.help, nodes: v.nodes.map(n => n.html + ' | ' + (n.failureSummary ?? '')) }))))
            .catch(error => done(String(error)));";
    let found = browser.client.execute_async(script, vec![json!(TAGS)]).await.expect("the rules run");
    let Value::Array(found) = found else { panic!("the rules broke: {found}") };
    found.iter().map(Value::to_string).collect()
}

fn keep(page: &str, theme: &str, width: u32, picture: &[u8]) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(format!("{page}-{theme}-{width}.png")), picture).expect("a picture is kept");
}
