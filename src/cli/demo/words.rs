//! What the demo says at the terminal, and the settings it runs with.

use std::{net::SocketAddr, path::Path};

use crate::{cli::ready, simulator::Simulator};

/// The key file of our own service account at Google, within the demo's folder.
pub(super) const GOOGLE_KEY: &str = "keys/google.json";

/// Settings for one process on SQLite that reaches the simulated world. The pauses of the ladder are short, so that
/// a waiting sample can be watched.
pub(super) fn settings(
    portal: SocketAddr,
    staff: SocketAddr,
    data: &Path,
    simulator: &Simulator,
    offices: bool,
) -> String {
    let world = simulator.addresses();
    let path = |name: &str| data.join(name).display().to_string();
    let mut all = toml::Table::new();
    let mut section = |name: &str, entries: &[(&str, toml::Value)]| {
        let table: toml::Table =
            entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        all.insert(name.to_owned(), table.into());
    };
    section("product", &[("environment", "demo".into())]);
    section("portal", &[("listen", portal.to_string().into())]);
    let openid = ready::openid(world);
    section("staff", &[("listen", staff.to_string().into()), ("openid", openid.into())]);
    section("database", &[("url", format!("sqlite:{}", path("portal.db")).into())]);
    section(
        "vault",
        &[
            ("public_keys_file", path("keys/public.keys").into()),
            ("private_keys_file", path("keys/private.keys").into()),
            ("settings_key_file", path("keys/settings.key").into()),
            ("audit_key_file", path("keys/audit.key").into()),
            ("audit_public_keys_file", path("keys/audit.public").into()),
        ],
    );
    section(
        "mail",
        &[
            ("transport", "files".into()),
            ("dir", path("mail").into()),
            ("from", "MoxiEngage onboarding <onboarding@moxiengage.example>".into()),
        ],
    );
    section("google", &[("key_file", path(GOOGLE_KEY).into())]);
    // Where offices are played, what waits for its provider still does so when somebody comes to look.
    let ladder = [vec!["20 s"; 6], vec![if offices { "2 h" } else { "20 s" }]].concat();
    section("checks", &[("waiting_ladder", ladder.into())]);
    // Every sample can be tried by its own person, also those of a kind that is else for the invited alone.
    section("kinds", &[("microsoft365_password", "offered".into())]);
    section("log", &[("level", "warn".into())]);
    section(
        "about",
        &[
            ("support_address", "support@moxiengage.example".into()),
            ("support_phone", "+1 312 555 0100".into()),
            ("support_hours", "8am to 6pm Central Time".into()),
            ("egress_addresses", vec!["203.0.113.10", "203.0.113.11"].into()),
            ("google_client_id", ready::own_google_number(simulator).into()),
        ],
    );
    all.insert("network".to_owned(), ready::network(world).into());
    format!("# Written by the demo at each start.\n{all}")
}

/// The samples a newcomer tries first.
const FIRST: &[&str] = &[
    "healthy",
    "secret-wrong",
    "exchange-roles-required",
    "waiting",
    "certificate-healthy",
    "exchange-healthy",
    "exchange-ntlm-only",
    "exchange-no-role",
    "ews-not-allowed",
    "google-healthy",
    "google-no-delegation",
    "google-key-revoked",
    "password-basic-blocked",
];

/// Where the demo is.
pub(super) struct Places<'a> {
    pub(super) portal: SocketAddr,
    pub(super) staff: SocketAddr,
    pub(super) desk: SocketAddr,
    pub(super) data: &'a Path,
}

/// Says where to go and whom to be.
pub(super) fn welcome(places: &Places<'_>, simulator: &Simulator) {
    let Places { portal, staff, desk, data } = places;
    let samples = simulator.samples();
    println!("MoxiEngage onboarding, demo. Everything outside is simulated; nothing leaves this machine.\n");
    println!("  Portal   http://{portal}      sign in with a work e-mail from the list below");
    println!("  Staff    http://{staff}      sign in as one of our own people, with one press");
    println!("  Desk     http://{desk}      the mails it sent (your sign-in code), credentials to try,");
    println!("           and where a certificate is uploaded to a simulated app");
    println!("  Folder   {}\n", data.display());
    println!("Use Chrome, Edge or Firefox. Some people to be; the desk lists all {}:\n", samples.len());
    let chosen = samples.iter().filter(|sample| FIRST.contains(&sample.name.as_str()));
    for sample in chosen {
        println!("  {:<34} {}", sample.brokerage.admin_email, sample.title);
    }
    println!("\nOn the staff site:\n");
    for colleague in simulator.openid().people() {
        let roles = if colleague.roles.is_empty() {
            "no role: is turned away".into()
        } else {
            colleague.roles.join(", ")
        };
        println!("  {:<34} {roles}", colleague.name);
    }
    println!("\nStop with Ctrl+C. Begin anew with --fresh.");
}
