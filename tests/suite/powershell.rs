//! What an admin is to run, read by a grammar of PowerShell that others wrote: it is PowerShell, and a name in it
//! stays a name whatever its letters are.

use std::collections::BTreeMap;

use moxi_onboard::{
    app::guides::Guides,
    domain::{
        cause::{Names, fill_command},
        causes,
        guide::{BLANKS, GuideNames, script},
        kind::AccessKind,
        shell,
    },
};
use serde::Deserialize;
use serde_json::json;

use crate::peers::{python, run};

/// Names as somebody would choose them who wants a command of their own to run.
const HOSTILE: &[&str] = &[
    "O'Neil",
    "'; Remove-Mailbox * #",
    "\u{2019}; Remove-Mailbox * \u{2018}",
    "\u{201a}\u{201b}'; Stop-Computer; \u{2018}'\u{2019}",
    "\"; Stop-Computer; \"",
    "\u{201d} $(Stop-Computer) \u{201c}",
    "`'; Stop-Computer",
    "$(Stop-Computer) ${env:PATH} @(1) %{ $_ }",
    "} Stop-Computer #> <# {",
    "a\r\nStop-Computer\u{2028}Stop-Computer\u{85}Stop-Computer",
    "'@\r\nStop-Computer\r\n@'",
    "--% & | > < ; , \\ ",
];

#[derive(Debug, Deserialize)]
struct Read {
    errors: Vec<String>,
    shape: Vec<String>,
}

/// Everything that names are put into, with one name in every place.
fn commands(name: &str) -> BTreeMap<String, String> {
    let guides = Guides::built_in();
    let settled = BLANKS.iter().fold(GuideNames::default(), |names, blank| names.with(blank, name));
    let waiting = BLANKS.iter().fold(GuideNames::default(), |names, blank| names.or_example(blank, name));
    let mut all = BTreeMap::new();
    for kind in AccessKind::ALL {
        let guide = guides.of(*kind).expect("a guide");
        for (state, names) in [("settled", &settled), ("waiting", &waiting)] {
            if let Some(script) = script(guide, names, "LKS-0042-1") {
                all.insert(format!("guide {} {state}", kind.id()), script.text);
            }
        }
    }
    let name = name.to_owned();
    let names = Names {
        tenant: name.clone(),
        client: name.clone(),
        agent: name.clone(),
        app_name: name.clone(),
        group: name.clone(),
        service_account: name.clone(),
        account_name: name.clone(),
        role_group: name.clone(),
        policy: name.clone(),
        host: name.clone(),
        domain: name,
        ..Names::default()
    };
    for cause in causes::all() {
        let own_server = cause.own_server.map(|other| other.mend).unwrap_or_default();
        for (number, mend) in cause.mend.iter().chain(own_server).enumerate() {
            if let Some(command) = mend.command {
                let whole = shell::before(command, number % 2 == 1) + &fill_command(command, &names);
                all.insert(format!("mend {} {number}", cause.id), whole);
            }
        }
    }
    all
}

#[tokio::test]
async fn whatever_is_in_a_name_the_commands_are_the_same() {
    let Some(python) = python() else { return };
    let usual = commands("usual");
    assert!(usual.len() > 20 && usual.contains_key("guide exchange_basic settled"), "{:?}", usual.keys());
    let mut scripts: Vec<(&str, &str, String)> = Vec::new();
    for name in ["usual"].iter().chain(HOSTILE) {
        for ((what, _), text) in usual.iter().zip(commands(name).into_values()) {
            scripts.push((what, name, text));
        }
    }
    let asked: Vec<&String> = scripts.iter().map(|(_, _, text)| text).collect();
    let read: Vec<Read> = serde_json::from_value(run(&python, "powershell_shape.py", &json!(asked)).await)
        .expect("as it is told");
    assert_eq!(read.len(), scripts.len());
    for ((what, name, text), (read, model)) in
        scripts.iter().zip(read.iter().zip(read[..usual.len()].iter().cycle()))
    {
        assert!(read.errors.is_empty(), "{what} with {name:?}: {:?} in {text}", read.errors);
        assert_eq!(read.shape, model.shape, "{what} with {name:?}: {text}");
        let runs =
            read.shape.iter().any(|part| part.contains("Stop-Computer") || part.contains("Remove-Mailbox *"));
        assert!(!runs, "{what} with {name:?}: {text}");
    }
    // The grammar tells a name that leaves its quotes: the same commands without the doubling of quotes.
    let odd = json!(["Get-Mailbox 'usual'", "Get-Mailbox ''; Remove-Mailbox * #'", "Get-Mailbox 'O'Neil'"]);
    let read: Vec<Read> =
        serde_json::from_value(run(&python, "powershell_shape.py", &odd).await).expect("as it is told");
    assert_ne!(read[0].shape, read[1].shape);
    assert!(!read[2].errors.is_empty() || read[2].shape != read[0].shape);
}
