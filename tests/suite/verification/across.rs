//! What one step knows of another, in whole checks: the same refusal, told apart by what else was seen.

use std::collections::BTreeMap;

use moxi_onboard::{
    domain::check::{Outcome, Report, Verdict},
    simulator::{ALWAYS, Fault, Operation, Target},
};

use super::lab::{Lab, cause, step};

fn fact<'a>(report: &'a Report, id: &str, label: &str) -> Option<&'a str> {
    step(report, id).facts.iter().find(|fact| fact.label == label).map(|fact| fact.value.as_str())
}

/// EWS without Basic, as of a server on which only Windows authentication is left.
fn windows_only() -> Fault {
    let headers = [("server", "Microsoft-IIS/10.0"), ("x-feserver", "EX01"), ("www-authenticate", "NTLM")];
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Fault::Status { code: 401, headers, body: String::new() }
}

#[tokio::test]
async fn a_password_that_autodiscover_took_is_right_though_ews_takes_none() {
    let lab = Lab::open().await;
    for (sample, password) in [
        ("exchange-autodiscover", "is right: autodiscover accepted it"),
        ("exchange-healthy", "was not sent"),
    ] {
        let ews = Target::Tenant(sample.to_owned(), Operation::Ews);
        lab.simulator.inject(ews, windows_only(), ALWAYS);
        let (report, _) = lab.check(sample).await;
        lab.simulator.clear_faults();
        assert_eq!(cause(&report), Some("ews_basic_disabled"), "{sample}");
        assert_eq!(fact(&report, "challenge", "The password"), Some(password), "{sample}");
    }
}

#[tokio::test]
async fn a_missing_role_is_told_from_a_scope_that_leaves_the_mailbox_out() {
    let lab = Lab::open().await;
    for (sample, why) in [
        ("exchange-no-role", Some("the account may not even act as itself")),
        ("exchange-outside-scope", Some("the right is there, and the test mailbox lies outside its scope")),
        ("exchange-healthy", None),
    ] {
        let (report, _) = lab.check(sample).await;
        assert_eq!(cause(&report), why.map(|_| "impersonation_denied_user"), "{sample}");
        let told = fact(&report, "mailbox", "What this means");
        assert_eq!(told.is_some(), why.is_some(), "{sample}");
        assert!(told.zip(why).is_none_or(|(told, why)| told.starts_with(why)), "{sample}: {told:?}");
    }
}

#[tokio::test]
async fn a_token_without_permissions_is_enough_where_exchange_gives_the_access() {
    let lab = Lab::open().await;
    let (report, _) = lab.check("healthy-exchange-roles").await;
    assert_eq!((report.verdict, cause(&report)), (Verdict::Passed, None));
    let listed = fact(&report, "token", "Permissions in the token");
    assert_eq!(listed, Some("none: access can come from roles in Exchange Online only"));
    let (report, _) = lab.check("no-permissions").await;
    assert_eq!(fact(&report, "token", "Permissions in the token"), listed, "the same token, and no role");
    assert_eq!((report.verdict, cause(&report)), (Verdict::Failed, Some("graph_no_permissions")));
}

#[tokio::test]
async fn a_licensed_account_whose_mailbox_is_at_the_office_is_not_waited_for() {
    let lab = Lab::open().await;
    let (report, _) = lab.check("mailbox-hybrid").await;
    assert_eq!((report.verdict, cause(&report)), (Verdict::Failed, Some("mailbox_on_premises")));
    assert_eq!(
        fact(&report, "mailbox", "Where the mailbox is"),
        Some("on another server, says Microsoft 365"),
        "{:?}",
        step(&report, "mailbox").facts
    );
    let (report, _) = lab.check("waiting-for-mailbox").await;
    assert_eq!(cause(&report), Some("mailbox_not_provisioned"));
    assert_eq!(step(&report, "mailbox").outcome, Outcome::Failed);
}

#[tokio::test]
async fn what_is_lacking_is_named() {
    let lab = Lab::open().await;
    for (sample, named) in [
        ("calendar-permission-missing", &["Calendars.ReadWrite"][..]),
        (
            "no-permissions",
            &["Calendars.ReadWrite", "Contacts.ReadWrite", "Mail.Send", "MailboxSettings.Read"],
        ),
        ("calendar-role-missing", &["Application Calendars.ReadWrite"]),
        ("ews-no-permission", &["full_access_as_app"]),
        ("google-scope-missing", &["https://www.googleapis.com/auth/calendar"]),
        ("exchange-roles-required", &[]),
        ("healthy", &[]),
    ] {
        let (report, _) = lab.check(sample).await;
        let steps = report.steps.iter().map(|step| (step.cause.as_ref(), step.facts.as_slice()));
        let lacking = moxi_onboard::domain::lacking::lacking(report.cause.as_ref(), steps);
        assert_eq!(lacking, named, "{sample}: {:?}", cause(&report));
    }
}

#[tokio::test]
async fn a_report_says_so_where_more_than_is_needed_cannot_be_seen() {
    let lab = Lab::open().await;
    for (sample, id, label) in [
        ("exchange-healthy", "outside_mailbox", "More mailboxes than needed"),
        ("healthy", "outside_mailbox", "More mailboxes than needed"),
        ("google-healthy", "token", "More scopes than needed"),
    ] {
        let (report, _) = lab.check(sample).await;
        let told = fact(&report, id, label);
        assert!(told.is_some_and(|told| told.starts_with("not known:")), "{sample}: {told:?}");
    }
    let (report, _) = lab.check("exchange-scope-open").await;
    assert_eq!(fact(&report, "outside_mailbox", "More mailboxes than needed"), None, "that one was asked");
}
