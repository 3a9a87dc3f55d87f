//! Settings as an operator writes them, and the mistakes they make.

use secrecy::ExposeSecret;

use super::*;

const GOOD: &str = r#"
[product]
environment = "production"

[portal]
listen = "0.0.0.0:8443"
public_url = "https://connect.lakeshore.example"
trusted_proxies = ["10.0.0.0/8"]

[database]
url = "postgres://portal:hunter2@db.lakeshore.example/portal"

[mail]
transport = "smtp"
host = "mail.lakeshore.example"
user = "portal"
password = "correct horse"
from = "MoxiEngage <connect@lakeshore.example>"

[checks]
step_limit = "20 s"
waiting_ladder = ["1 min", "1 h"]

[network.dial]
"203.0.113.20:443" = "127.0.0.1:4443"

[kinds]
graph_secret = "by_invitation"
"#;

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, Problems> {
    let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::read("settings.toml", text, owned)
}

fn problems(text: &str, variables: &[(&str, &str)]) -> String {
    read(text, variables).expect_err("has a mistake").to_string()
}

#[test]
fn a_good_file_is_read_and_the_rest_takes_its_defaults() {
    let settings = read(GOOD, &[]).expect("reads");
    assert_eq!(settings.portal.public_url.to_string(), "https://connect.lakeshore.example");
    assert_eq!(settings.staff.listen.to_string(), "127.0.0.1:8081");
    assert_eq!(settings.staff.public_url.to_string(), "http://127.0.0.1:8081");
    assert_eq!(settings.checks.waiting_ladder.len(), 2);
    assert_eq!(settings.network.overrides(), ["network.dial"]);
    assert!(matches!(&settings.mail.transport, Transport::Smtp(smtp) if smtp.port == 587));
    let kind = crate::domain::kind::AccessKind::GraphSecret;
    assert_eq!(settings.kinds.availability(kind), crate::domain::kind::Availability::ByInvitation);
}

#[test]
fn a_variable_lies_over_the_file_and_is_named_when_it_is_wrong() {
    let settings = read(GOOD, &[("MOXI_WORKER__JOBS_AT_ONCE", "3"), ("MOXI_LOG", "debug"), ("HOME", "/x")])
        .expect("reads");
    assert_eq!((settings.worker.jobs_at_once, settings.log.level.as_str()), (3, "debug"));
    assert_eq!(
        problems(GOOD, &[("MOXI_WORKER__JOBS_AT_ONCE", "many")]),
        "MOXI_WORKER__JOBS_AT_ONCE: `worker.jobs_at_once` must be a whole number from 1 to 256; it is outside of that"
    );
}

#[test]
fn every_mistake_is_told_at_once_with_line_reason_and_what_is_allowed() {
    let text = GOOD
        .replace("listen =", "listn =")
        .replace("\"20 s\"", "20")
        .replace("by_invitation", "sometimes")
        .replace("[checks]", "[check]");
    let told = problems(&text, &[]);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "settings.toml line 6: `portal.listn` is not a setting; did you mean `listen`?",
            "settings.toml line 28: `kinds.graph_secret` must be \"offered\", \"by_invitation\" or \"closed\"; it is \"sometimes\"",
            "settings.toml line 21: [check] is not a section; did you mean [checks]?",
        ]
    );
    let text = GOOD.replace("\"20 s\"", "20");
    assert_eq!(
        problems(&text, &[]),
        "settings.toml line 21: `checks.step_limit` must be a span of time such as \"30 s\" or \"5 min\", from 1 s to 600 s; it is a number"
    );
}

#[test]
fn what_is_missing_is_named() {
    let told = problems("", &[]);
    for part in ["product.environment: is missing", "mail.transport: is missing", "mail.from: is missing"] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn rules_between_settings_hold() {
    let cases = [
        (GOOD.replace("https://connect", "http://connect"), "a credential would travel in the clear"),
        (
            GOOD.replace("trusted_proxies", "tls_cert_file = \"a\"\ntrusted_proxies"),
            "portal.tls_key_file: is missing",
        ),
        (GOOD.replace("trusted_proxies = [\"10.0.0.0/8\"]", ""), "the proxy that ends TLS"),
        (GOOD.replace("user = \"portal\"", ""), "mail.user: is missing"),
        (GOOD.replace("127.0.0.1:4443", "192.0.2.1:443"), "the second one of this machine"),
        (GOOD.replace("user = \"portal\"", "security = \"none\""), "in the clear"),
    ];
    for (text, part) in cases {
        let told = problems(&text, &[]);
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_secret_may_stand_in_a_file_but_not_twice() {
    let dir = std::env::temp_dir().join(format!("moxi-settings-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("folder");
    let path = dir.join("smtp-password");
    std::fs::write(&path, "from a file\n").expect("written");
    let path = path.to_str().expect("text");
    let settings =
        read(GOOD, &[("MOXI_MAIL__PASSWORD_FILE", path)]).expect("the variable pushes the file's aside");
    let Transport::Smtp(Smtp { sign_in: Some(sign_in), .. }) = settings.mail.transport else {
        panic!("smtp with a password")
    };
    assert_eq!(sign_in.password.expose_secret(), "from a file");
    let twice = GOOD.replace("password =", &format!("password_file = {path:?}\npassword ="));
    assert!(problems(&twice, &[]).contains("are both set; keep one"));
    std::fs::remove_dir_all(&dir).expect("removed");
}

#[test]
fn no_secret_is_shown() {
    let settings = read(GOOD, &[]).expect("reads");
    let shown = format!("{settings:?}");
    for secret in ["hunter2", "correct horse"] {
        assert!(!shown.contains(secret));
        let broken = GOOD
            .replace(&format!("{secret}\""), secret)
            .replace(&format!("{secret}@"), &format!("{secret}\"@"));
        assert!(!problems(&broken, &[]).contains(secret), "{broken}");
    }
}

const SIGN_IN: &str = r#"
[staff.openid]
issuer = "https://login.moxi.example/realms/staff"
client_id = "moxi-staff"
client_secret = "a secret of ours"

[staff.openid.roles]
"moxi-reviewers" = "reviewer"
"moxi-ops" = "operations"
"#;

#[test]
fn the_staffs_sign_in_is_read_and_its_claims_mean_our_roles() {
    use crate::domain::staff::StaffRole::{Operations, Reviewer};
    assert!(read(GOOD, &[]).expect("reads").openid.is_none());
    let openid = read(&format!("{GOOD}{SIGN_IN}"), &[]).expect("reads").openid.expect("is set");
    assert_eq!(openid.scopes, ["openid", "profile", "email"]);
    assert_eq!((openid.roles_claim.as_str(), openid.loopback), ("roles", None));
    let roles = openid.roles_of(["moxi-ops", "reviewer", "moxi-reviewers", "moxi-ops"]);
    assert_eq!(roles, [Reviewer, Operations]);
    assert!(!format!("{openid:?}").contains("a secret of ours"));
    let by_variables = [
        ("MOXI_STAFF__OPENID__ISSUER", "https://login.moxi.example"),
        ("MOXI_STAFF__OPENID__CLIENT_ID", "site"),
        ("MOXI_STAFF__OPENID__CLIENT_SECRET", "s"),
        ("MOXI_STAFF__OPENID__ROLES", "a=auditor,b=owner"),
    ];
    let openid = read(GOOD, &by_variables).expect("reads").openid.expect("is set");
    assert_eq!((openid.issuer.as_str(), openid.roles.len()), ("https://login.moxi.example", 2));
}

#[test]
fn mistakes_in_the_staffs_sign_in_are_told_with_their_place() {
    let line = |word: &str| {
        let text = format!("{GOOD}{SIGN_IN}");
        text.lines().position(|line| line.starts_with(word)).map_or(0, |at| at + 1)
    };
    let changed = |from: &str, to: &str| problems(&format!("{GOOD}{}", SIGN_IN.replace(from, to)), &[]);
    let told = changed("https://login", "http://login");
    assert!(
        told.contains(&format!("settings.toml line {}", line("issuer"))) && told.contains("https://"),
        "{told}"
    );
    for (from, to, part) in [
        ("issuer = ", "isuer = ", "did you mean `issuer`?"),
        ("client_secret = \"a secret of ours\"\n", "", "staff.openid.client_secret: is missing"),
        ("\"reviewer\"", "\"boss\"", "pairs of VALUE OF THE CLAIM"),
        ("realms/staff", "realms/staff?x=1", "an https address without query"),
        (
            "https://login.moxi.example/realms/staff",
            "http://127.0.0.1.evil.example:9000",
            "must start with https://",
        ),
        ("client_id =", "scopes = [\"profile\"]\nclient_id =", "must hold \"openid\""),
        ("client_id =", "max_age = \"2 days\"\nclient_id =", "a span of time"),
        ("client_id =", "private_networks = [\"10.0.0.0/7\"]\nclient_id =", "a range within 10/8"),
        ("client_id =", "private_networks = [\"127.0.0.0/8\"]\nclient_id =", "a range within 10/8"),
        ("client_id =", "private_networks = [\"169.254.169.254\"]\nclient_id =", "a range within 10/8"),
        ("login.moxi.example", "10.20.0.5:8443", "an https address without query"),
    ] {
        let told = changed(from, to);
        assert!(told.contains(part), "{part}: {told}");
        assert!(!told.contains("a secret of ours"));
    }
    let inside = SIGN_IN.replace(
        "client_id =",
        "private_networks = [\"10.20.0.0/16\", \"fd00:20::/32\"]\nca_file = \"ca.pem\"\nclient_id =",
    );
    let inside = inside.replace("login.moxi.example", "login.corp:8443");
    let openid = read(&format!("{GOOD}{inside}"), &[]).expect("reads").openid.expect("is set");
    assert_eq!(openid.private_networks, ["10.20.0.0/16", "fd00:20::/32"]);
    assert_eq!(openid.host_and_port(), Some(("login.corp".to_owned(), 8443)));
    // http is for a provider on this machine, and only while the staff site is on it, too.
    let local = SIGN_IN.replace("https://login.moxi.example/realms/staff", "http://127.0.0.1:9000");
    let openid = read(&format!("{GOOD}{local}"), &[]).expect("reads").openid.expect("is set");
    assert_eq!(openid.loopback, "127.0.0.1:9000".parse().ok());
    let real = format!(
        "{GOOD}\n[staff]\npublic_url = \"https://staff.moxi.example\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n{local}"
    );
    assert!(problems(&real, &[]).contains("must start with https://"));
}

#[test]
fn holidays_are_days() {
    let hours = |list: &str| read(&format!("{GOOD}\n[staff]\nholidays = [{list}]"), &[]);
    let holidays =
        hours("\"2026-12-25\", \"2026-11-26\", \"2026-12-25\"").expect("reads").staff_hours.holidays;
    assert_eq!(holidays.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-11-26", "2026-12-25"]);
    assert!(read(GOOD, &[]).expect("reads").staff_hours.holidays.is_empty());
    let told = problems(&format!("{GOOD}\n[staff]\nholidays = [\"Christmas\"]"), &[]);
    assert!(told.contains("a day such as 2026-12-25") && told.contains("\"Christmas\""), "{told}");
}
