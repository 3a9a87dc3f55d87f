//! The password of a service account in Microsoft 365: where it goes, how often, and when it stays here.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use async_trait::async_trait;
use moxi_onboard::{
    clock::{Clock, Randomness},
    domain::{
        address::{MailAddress, MailDomain},
        check::{Report, Verdict},
        credential::Credential,
        roster::RosterMailbox,
    },
    simulator::{ALWAYS, Fault, Operation, Sample, Seen, Target},
    verification::{Host, Nobody, Verifier, Visits},
};
use tokio_util::sync::CancellationToken;

use super::lab::{Lab, Witness, cause, credential, noon, step};

const SIGN_IN: &str = "login.microsoftonline.com";
const ONLINE: &str = "outlook.office365.com";

fn password(sample: &Sample) -> &str {
    &sample.account.as_ref().expect("a service account").password
}

/// What went out with a credential: the passwords, and what was asked afterwards.
fn signed(seen: &[Seen]) -> Vec<&Seen> {
    seen.iter().filter(|seen| seen.authorised).collect()
}

/// Requests that carried the password itself.
fn with_password(seen: &[Seen]) -> usize {
    let basic = |seen: &&&Seen| seen.scheme.as_deref() == Some("Basic") || seen.operation == Operation::Token;
    signed(seen).iter().filter(basic).count()
}

fn shows(report: &Report, needle: &str) -> bool {
    format!("{report:?}").contains(needle)
}

#[tokio::test]
async fn every_password_goes_to_microsoft_alone_and_a_refused_one_once() {
    let lab = Lab::open().await;
    let samples: Vec<Sample> = lab.simulator.samples().to_vec();
    let of_passwords: Vec<&Sample> =
        samples.iter().filter(|sample| sample.kind == "microsoft365_password").collect();
    assert!(of_passwords.len() > 30, "{}", of_passwords.len());
    for sample in of_passwords {
        let before = lab.simulator.requests().len();
        let (report, witness) = lab.check(&sample.name).await;
        let seen = lab.simulator.requests().split_off(before);
        for request in signed(&seen) {
            let there = [SIGN_IN, ONLINE].contains(&request.host.as_str());
            assert!(there && request.secured, "{}: {request:?}", sample.name);
        }
        let through_app = !sample.client_id.is_empty();
        let basic = seen.iter().filter(|seen| seen.scheme.as_deref() == Some("Basic")).count();
        let tokens = seen.iter().filter(|seen| seen.operation == Operation::Token).count();
        assert_eq!(
            (basic == 0, tokens),
            (through_app || sample.name == "password-not-offered", usize::from(through_app)),
            "{}",
            sample.name
        );
        if step(&report, "sign_in").outcome.as_str() == "failed" {
            assert_eq!(with_password(&seen), 1, "{}: {seen:?}", sample.name);
        }
        let begun = witness.told().iter().filter(|told| *told == "sign-in begins").count();
        assert_eq!(begun, usize::from(sample.name != "password-not-offered"), "{}", sample.name);
        let first = seen.iter().position(|seen| seen.authorised).unwrap_or(seen.len());
        let asked =
            seen[..first].iter().any(|seen| seen.host == ONLINE && seen.operation == Operation::EwsTimeZones);
        assert!(asked, "{}: asked without the password first", sample.name);
        assert!(!shows(&report, password(sample)), "{}: {report:?}", sample.name);
        let items = lab.simulator.mailbox_items(&sample.test_mailbox);
        assert!(items.left_behind().is_empty(), "{}", sample.name);
    }
}

#[tokio::test]
async fn a_lost_answer_is_no_reason_to_try_again() {
    let lab = Lab::open().await;
    for (name, operation) in
        [("password-healthy", Operation::EwsTimeZones), ("password-healthy-token", Operation::Token)]
    {
        // The question without a password meets the first fault, where there is one for it.
        let times = if operation == Operation::Token { 1 } else { 2 };
        let sample = lab.sample(name);
        if times == 2 {
            lab.simulator.inject(Target::Tenant(name.to_owned(), operation), Fault::Late(1), 1);
        }
        lab.simulator.inject(Target::Tenant(name.to_owned(), operation), Fault::LoseAnswer, 1);
        let before = lab.simulator.requests().len();
        let (report, _) = lab.check(name).await;
        let seen = lab.simulator.requests().split_off(before);
        assert_eq!(
            (report.verdict, cause(&report)),
            (Verdict::CouldNotTell, Some("http_truncated")),
            "{name}: {report:?}"
        );
        assert_eq!(with_password(&seen), 1, "{name}: {seen:?}");
        assert!(!shows(&report, password(&sample)));
        lab.simulator.clear_faults();
    }
}

#[tokio::test]
async fn an_echo_is_not_repeated_and_a_redirect_is_not_followed() {
    let lab = Lab::open().await;
    for (name, operation) in
        [("password-healthy", Operation::EwsTimeZones), ("password-healthy-token", Operation::Token)]
    {
        let sample = lab.sample(name);
        let body = format!(
            r#"{{"error":"invalid_grant","error_codes":[50126],"error_description":"AADSTS50126: you sent {}"}}"#,
            password(&sample)
        );
        let headers = BTreeMap::from([("x-autodiscovery-error".to_owned(), password(&sample).to_owned())]);
        let echo = Fault::Status { code: 401, headers, body };
        let target = || Target::Tenant(name.to_owned(), operation);
        for fault in [echo, Fault::Redirect("elsewhere.simulator.example".to_owned())] {
            if operation == Operation::EwsTimeZones {
                lab.simulator.inject(target(), Fault::Late(1), 1);
            }
            lab.simulator.inject(target(), fault, 1);
            let before = lab.simulator.requests().len();
            let (report, _) = lab.check(name).await;
            let seen = lab.simulator.requests().split_off(before);
            assert!(!shows(&report, password(&sample)), "{name}: {report:?}");
            assert_ne!(report.verdict, Verdict::Passed, "{name}");
            assert_eq!(with_password(&seen), 1, "{name}: {seen:?}");
            assert!(seen.iter().all(|seen| [SIGN_IN, ONLINE].contains(&seen.host.as_str())), "{seen:?}");
            lab.simulator.clear_faults();
        }
    }
}

#[tokio::test]
async fn a_pause_or_somebody_elses_tenant_keeps_the_password_here() {
    let lab = Lab::open().await;
    for name in ["password-healthy", "password-healthy-token"] {
        let sample = lab.sample(name);
        let witness = Witness { denies: true, ..Witness::default() };
        let report = lab.verifier().check(&credential(&sample), &witness).await;
        assert_eq!(
            (report.verdict, cause(&report)),
            (Verdict::CouldNotTell, Some("sign_in_paused")),
            "{name}"
        );
        let other = MailDomain::parse("lakeshore.example").expect("a domain");
        let report = lab.verifier().bound_to(other).check(&credential(&sample), &Nobody).await;
        assert_eq!((report.verdict, cause(&report)), (Verdict::Failed, Some("tenant_of_others")), "{name}");
        assert_eq!(with_password(&lab.simulator.requests()), 0, "{name}");
        let own = MailDomain::parse(&sample.tenant_domain).expect("a domain");
        let report = lab.verifier().bound_to(own).check(&credential(&sample), &Nobody).await;
        assert_eq!(report.verdict, Verdict::PassedWithWarnings, "{name}: {report:?}");
        lab.simulator.clear_requests();
    }
}

#[tokio::test]
async fn a_token_of_somebody_else_is_not_used() {
    let lab = Lab::open().await;
    let Credential::Microsoft365Password { mut settings, password } =
        credential(&lab.sample("password-healthy-token"))
    else {
        panic!("a password")
    };
    // The app of another tenant is unknown here, and nothing of Exchange Online is asked with what came back.
    settings.client_id = moxi_onboard::domain::guid::Guid::parse(&lab.sample("healthy").client_id);
    let check = Credential::Microsoft365Password { settings, password };
    let report = lab.verifier().check(&check, &Nobody).await;
    assert_eq!((report.verdict, cause(&report)), (Verdict::Failed, Some("app_not_found")));
}

/// Hears of each mailbox, and lets more than an hour pass after the first.
struct Slow<'a> {
    lab: &'a Lab,
    clock: Clock,
    refused: bool,
    told: Mutex<Vec<(String, Option<String>)>>,
}

#[async_trait]
impl Host for Slow<'_> {
    async fn visited(&self, mailbox: &RosterMailbox, report: Report) {
        let mut told = self.told.lock().expect("not poisoned");
        if told.is_empty() {
            self.clock.advance(Duration::from_secs(61 * 60));
            if self.refused {
                let body = r#"{"error":"invalid_grant","error_codes":[50126],"error_description":"AADSTS50126: No."}"#;
                let changed = Fault::Status { code: 400, headers: BTreeMap::new(), body: body.to_owned() };
                self.lab.simulator.inject(Target::Operation(Operation::Token), changed, ALWAYS);
            }
        }
        told.push((mailbox.mailbox.as_str().to_owned(), report.cause.map(|cause| cause.as_str().to_owned())));
    }
}

#[tokio::test]
async fn a_roster_that_outlasts_its_token_shows_the_password_once_more_and_never_after_a_refusal() {
    for refused in [false, true] {
        let clock = Clock::standing_at(noon());
        let lab = Lab::open_by(clock.clone()).await;
        let sample = lab.sample("password-healthy-token");
        let mailbox = |(line, name): (u64, &str)| {
            let address = format!("{name}@{}", sample.tenant_domain);
            RosterMailbox { line, mailbox: MailAddress::parse(&address).expect("an address"), outside: false }
        };
        let mailboxes = [(1, "agent"), (2, "outside"), (3, "agent")].map(mailbox);
        let host = Slow { lab: &lab, clock: clock.clone(), refused, told: Mutex::default() };
        let visits =
            Visits { mailboxes: &mailboxes, at_once: 1, stop: CancellationToken::new(), host: &host };
        let verifier = Verifier::new(lab.net(), clock, Randomness::seeded(1)).at_pace(lab.pace);
        let witness = Witness::default();
        let door = verifier.visit(&credential(&sample), &visits, &witness).await;
        assert_eq!(door.cause, None);
        let causes: Vec<Option<String>> =
            host.told.lock().expect("not poisoned").iter().map(|(_, cause)| cause.clone()).collect();
        let tries = lab.simulator.requests().iter().filter(|seen| seen.operation == Operation::Token).count();
        assert_eq!(tries, 2, "{causes:?}: the first one, and one more");
        let counted = witness.told().iter().filter(|told| *told == "sign-in begins").count();
        assert_eq!(counted, 2, "each try is counted before it is made");
        assert_eq!(causes.first(), Some(&None), "{causes:?}");
        assert!(refused || causes.iter().all(Option::is_none), "{causes:?}");
    }
}
