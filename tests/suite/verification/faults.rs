//! Whatever goes wrong on the way costs bounded time, ends in a named cause, sends nothing and leaves nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    time::{Duration, Instant},
};

use moxi_onboard::{
    domain::{
        causes,
        check::{Again, Outcome, Verdict},
    },
    simulator::{ALWAYS, Change, Fault, Operation, Target},
    verification::Pace,
};

use super::{
    codes,
    lab::{Lab, Witness, cause, credential, step},
};

const GRAPH: &str = "graph.microsoft.com";
const STRANGER: &str = "elsewhere.simulator.example";

/// A scenario of the catalogue, the fault that plays it, and the cause it ends in; two causes where the network
/// decides by chance which of them we see.
struct Case(&'static str, Target, Fault, &'static str);

fn name(fault: Fault) -> (Target, Fault) {
    (Target::Name(GRAPH.to_owned()), fault)
}

fn host(fault: Fault) -> (Target, Fault) {
    (Target::Host(GRAPH.to_owned()), fault)
}

fn at(operation: Operation, fault: Fault) -> (Target, Fault) {
    (Target::Operation(operation), fault)
}

fn addresses(list: &[&str]) -> Vec<IpAddr> {
    list.iter().map(|ip| ip.parse().expect("an address")).collect()
}

fn status(code: u16, body: &str) -> Fault {
    Fault::Status { code, headers: BTreeMap::new(), body: body.to_owned() }
}

fn graph_error(status_code: u16, code: &str) -> Fault {
    status(status_code, &format!(r#"{{"error":{{"code":"{code}","message":"Said the service."}}}}"#))
}

fn aad(number: u32) -> Fault {
    let body = format!(
        r#"{{"error":"invalid_client","error_codes":[{number}],"error_description":"AADSTS{number}: Said the service.","trace_id":"t","correlation_id":"c"}}"#
    );
    status(401, &body)
}

fn cases() -> Vec<Case> {
    use Operation::{
        ContactCreate, ContactDelete, ContactsDelta, ContactsList, MailboxSettings, SendMail, Token,
    };
    let chain = (0..20).map(|n| format!("hop{n}.example")).chain([STRANGER.to_owned()]).collect();
    let scp = Change { scp: Some("User.Read".to_owned()), ..Change::default() };
    let empty_feed = r#"{"value":[],"@odata.deltaLink":"https://graph.microsoft.com/v1.0/users/x/contactFolders/y/contacts/delta?$deltatoken=z"}"#;
    let listed = [
        ("nx_domain", name(Fault::NxDomain), "dns_nxdomain"),
        ("no_data", name(Fault::NoData), "dns_no_address"),
        ("serv_fail", name(Fault::ServFail), "dns_servfail"),
        ("chain", name(Fault::Chain(chain)), "dns_servfail"),
        ("dns_silence", name(Fault::DnsSilence), "dns_timeout"),
        (
            "addresses",
            name(Fault::Addresses(addresses(&["20.190.151.7", "10.0.0.5"]))),
            "dns_forbidden_address",
        ),
        ("connect_silence", host(Fault::ConnectSilence), "tls_timeout"),
        ("expired", host(Fault::Expired), "tls_cert_expired"),
        ("other_authority", host(Fault::OtherAuthority), "tls_cert_private_ca"),
        ("wrong_name", host(Fault::WrongName), "tls_cert_name_mismatch"),
        ("plain_http", host(Fault::PlainHttp), "tls_not_tls"),
        ("handshake_alert", host(Fault::HandshakeAlert), "tls_failed"),
        ("handshake_close", host(Fault::HandshakeClose), "tls_closed_in_handshake or tls_reset_in_handshake"),
        ("hang", at(ContactsList, Fault::Hang), "http_timeout"),
        ("drip", at(ContactsList, Fault::Drip(20)), "http_timeout"),
        ("close_before", at(ContactsList, Fault::CloseBefore), "http_truncated"),
        ("close_mid", at(ContactsList, Fault::CloseMid), "http_truncated"),
        ("lose_answer", at(ContactCreate, Fault::LoseAnswer), "http_truncated"),
        ("endless", at(ContactsList, Fault::Endless), "http_body_too_large"),
        ("redirect", at(ContactsList, Fault::Redirect(STRANGER.to_owned())), "provider_redirected"),
        ("huge_header", at(ContactsList, Fault::HugeHeader), "http_odd"),
        ("html", at(ContactsList, Fault::Html), "unknown_response"),
        ("empty", at(ContactsList, Fault::Empty), "unknown_response"),
        ("truncated", at(ContactsList, Fault::Truncated), "unknown_response"),
        ("deep_json", at(ContactsList, Fault::DeepJson), "unknown_response"),
        ("duplicate_keys", at(ContactsList, Fault::DuplicateKeys), "unknown_response"),
        ("gzip_bomb", at(ContactsList, Fault::GzipBomb), "http_body_too_large"),
        ("token_html", at(Token, Fault::Html), "unknown_response"),
        ("token_endless", at(Token, Fault::Endless), "http_body_too_large"),
        ("token_redirect", at(Token, Fault::Redirect(STRANGER.to_owned())), "provider_redirected"),
        ("token_scp", at(Token, Fault::Token(scp)), "token_not_app"),
        ("aad_50059", at(Token, aad(50059)), "tenant_not_identified"),
        ("aad_530032", at(Token, aad(530_032)), "security_policy_blocked"),
        ("aad_7000218", at(Token, aad(7_000_218)), "client_secret_missing"),
        ("aad_70002", at(Token, aad(70002)), "client_credentials_rejected"),
        ("aad_700024", at(Token, aad(700_024)), "client_assertion_out_of_time"),
        ("aad_70011", at(Token, aad(70011)), "token_request_invalid"),
        ("aad_50196", at(Token, aad(50196)), "token_loop"),
        ("aad_90094", at(Token, aad(90094)), "consent_needs_admin"),
        ("aad_650057", at(Token, aad(650_057)), "app_permissions_misconfigured"),
        ("bad_request", at(MailboxSettings, graph_error(400, "BadRequest")), "request_invalid"),
        ("send_as_denied", at(SendMail, graph_error(403, "ErrorSendAsDenied")), "send_as_denied"),
        ("item_not_found", at(ContactsList, graph_error(404, "ErrorItemNotFound")), "eventual_consistency"),
        ("conflict", at(ContactCreate, graph_error(409, "ErrorIrresolvableConflict")), "write_conflict"),
        ("resync_required", at(ContactsDelta, graph_error(410, "resyncRequired")), "sync_state_invalid"),
        ("folder_gone", at(ContactsDelta, graph_error(404, "ErrorItemNotFound")), "contact_folder_gone"),
        ("feed_lag", at(ContactsDelta, status(200, empty_feed)), "change_feed_lag"),
        ("delete_refused", at(ContactDelete, graph_error(403, "ErrorAccessDenied")), "test_item_left_behind"),
    ];
    listed
        .into_iter()
        .map(|(scenario, (target, fault), cause)| Case(scenario, target, fault, cause))
        .collect()
}

/// Scenarios of the catalogue that other tests play.
const ELSEWHERE: &[&str] = &[
    // Where a secret is renewed.
    "same_secret_renewed",
    // Typed into the input file of the command.
    "secret_id_typed",
    "same_id_typed",
    "past_day_typed",
    "quoted_secret_typed",
    "masked_secret_typed",
    "mangled_id_typed",
    "other_path_typed",
    "address_of_microsoft_365_typed",
    "private_mailbox_typed",
    "own_mailbox_typed",
    "private_key_typed",
    // Typed into the form of the portal.
    "mailbox_of_others_typed",
    "secret_in_another_field",
    "same_key_from_two_offices",
    // For a brokerage bound to its domain.
    "foreign_tenant",
    "foreign_server",
    // On the way to a server of the customer's own.
    "no_route",
    "newer_address_is_dead",
    "other_fingerprint",
    "login_of_another_domain",
    "foreign_letters_in_password",
    // With several mailboxes.
    "ews_off_for_one_of_many",
    "scope_excludes_one_of_many",
    // With a certificate.
    "certified_70002",
    "certificate_ends_soon",
    // Over EWS.
    "item_gone",
    // Told by the checks of several brokerages.
    "provider_incident",
    "our_network_down",
    // On the net alone.
    "rebinding",
    // Below.
    "not_mapped",
    "refused",
    "late",
    "sign_in_denied",
];

#[tokio::test]
async fn every_fault_ends_in_its_cause_and_leaves_nothing() {
    let lab = Lab::open().await;
    let sample = lab.sample("healthy");
    for Case(scenario, target, fault, expected) in cases() {
        lab.simulator.inject(target, fault, ALWAYS);
        let began = Instant::now();
        let (report, witness) = lab.check("healthy").await;
        let took = began.elapsed();
        lab.simulator.clear_faults();
        let told = witness.told();
        let mut found = report.cause.iter().chain(&report.warnings);
        assert!(
            found.any(|id| expected.split(" or ").any(|one| one == id.as_str())),
            "{scenario}: {:?} {told:?}",
            cause(&report)
        );
        assert!(took < Duration::from_secs(6), "{scenario} took {took:?}");
        assert_eq!(report.steps.len(), 13, "{scenario}");
        let left = lab.simulator.mailbox_items(&sample.test_mailbox).left_behind().len();
        assert_eq!(left, usize::from(scenario == "delete_refused"), "{scenario}: {told:?}");
        lab.simulator.clear_requests();
    }
    assert_eq!(lab.simulator.sent_messages(), []);
}

#[tokio::test]
async fn every_fault_of_the_catalogue_is_played_here() {
    let played: BTreeSet<String> = cases()
        .iter()
        .map(|case| case.0)
        .chain(codes::cases().iter().map(|case| case.0))
        .chain(codes::ALONE.iter().copied())
        .chain(ELSEWHERE.iter().copied())
        .map(|scenario| format!("fault:{scenario}"))
        .collect();
    for cause in causes::all() {
        for scenario in cause.scenarios.iter().filter(|name| name.starts_with("fault:")) {
            assert!(played.contains(*scenario), "nobody plays {scenario} of {}", cause.id);
        }
    }
    for Case(scenario, _, _, expected) in cases() {
        for id in expected.split(" or ") {
            let cause = causes::find(id).expect("a cause of the catalogue");
            assert!(cause.scenarios.contains(&format!("fault:{scenario}").as_str()), "{id} lacks {scenario}");
        }
    }
}

#[tokio::test]
async fn a_redirect_gets_nothing_at_all() {
    let lab = Lab::open().await;
    for operation in [Operation::Discovery, Operation::Token, Operation::ContactsList, Operation::SendMail] {
        lab.simulator.inject(Target::Operation(operation), Fault::Redirect(STRANGER.to_owned()), ALWAYS);
        let (report, _) = lab.check("healthy").await;
        lab.simulator.clear_faults();
        let failed = report.steps.iter().find(|step| step.outcome == Outcome::Failed).expect("a failed step");
        let named = failed.facts.iter().any(|fact| fact.label == "Redirected to" && fact.value == STRANGER);
        assert!(named, "{operation:?}: {:?}", failed.facts);
    }
    assert!(lab.simulator.requests().iter().all(|seen| seen.host != STRANGER));
}

#[tokio::test]
async fn private_answers_get_no_connection() {
    let mut lab = Lab::open().await;
    // Even a dial map that leads there does not widen the guard.
    let (_, local) = lab.settings.dial.iter().next().map(|(a, b)| (*a, *b)).expect("an entry");
    for private in
        ["10.0.0.5", "127.0.0.1", "169.254.169.254", "100.64.0.1", "::1", "fd00:ec2::254", "::ffff:7f00:1"]
    {
        let address: IpAddr = private.parse().expect("an address");
        lab.settings.dial.insert((address, 443).into(), local);
        let login = Target::Name("login.microsoftonline.com".to_owned());
        lab.simulator.inject(login, Fault::Addresses(vec![address]), ALWAYS);
        let (report, _) = lab.check("healthy").await;
        lab.simulator.clear_faults();
        let expected = match private {
            "10.0.0.5" | "fd00:ec2::254" => "dns_private_address",
            _ => "dns_forbidden_address",
        };
        let told = (Some(expected), Verdict::CouldNotTell, Again::OnPress);
        assert_eq!((cause(&report), report.verdict, report.again), told, "{private}");
    }
    assert_eq!(lab.simulator.requests(), []);
}

#[tokio::test]
async fn hosts_outside_the_map_and_closed_ports_are_named() {
    let mut lab = Lab::open().await;
    let public = lab.graph();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    lab.settings.dial.insert((public, 443).into(), closed.expect("a port"));
    let (report, _) = lab.check("healthy").await;
    assert_eq!((cause(&report), report.again), (Some("tcp_refused"), Again::Soon(None)));
    lab.settings.dial.remove(&(public, 443).into());
    let (report, _) = lab.check("healthy").await;
    assert_eq!((cause(&report), report.verdict), (Some("network_not_mapped"), Verdict::CouldNotTell));
    assert!(report.credential_accepted, "the sign-in had worked");
}

#[tokio::test]
async fn a_check_that_takes_too_long_ends_and_cleans_up() {
    let mut lab = Lab::open().await;
    lab.pace = Pace { whole: Duration::from_millis(700), ..lab.pace };
    lab.simulator.inject(Target::Operation(Operation::ContactsDelta), Fault::Late(1_000), ALWAYS);
    let (report, _) = lab.check("healthy").await;
    assert_eq!(cause(&report), Some("check_timed_out"));
    assert_eq!(step(&report, "contacts_sync").outcome, Outcome::Failed);
    assert_eq!(step(&report, "contact_remove").outcome, Outcome::Passed);
    let sample = lab.sample("healthy");
    assert_eq!(lab.simulator.mailbox_items(&sample.test_mailbox).left_behind(), Vec::<&_>::new());
}

#[tokio::test]
async fn a_contact_whose_folder_is_not_named_proves_nothing() {
    let lab = Lab::open().await;
    for folder in ["", r#","parentFolderId":null"#, r#","parentFolderId":"..""#] {
        let created = status(201, &format!(r#"{{"id":"AAMkNever"{folder}}}"#));
        lab.simulator.inject(Target::Operation(Operation::ContactCreate), created, ALWAYS);
        let (report, _) = lab.check("healthy").await;
        lab.simulator.clear_faults();
        assert_eq!(step(&report, "contact_write").outcome, Outcome::Passed, "{folder}");
        assert_eq!(step(&report, "contacts_sync").outcome, Outcome::Failed, "{folder}");
        let told = (report.verdict, cause(&report));
        assert_eq!(told, (Verdict::CouldNotTell, Some("unknown_response")), "{folder}");
    }
}

#[tokio::test]
async fn what_was_written_is_found_again_when_the_answer_was_lost() {
    let lab = Lab::open().await;
    for (operation, write, remove) in [
        (Operation::ContactCreate, "contact_write", "contact_remove"),
        (Operation::EventCreate, "event_write", "event_remove"),
    ] {
        lab.simulator.inject(Target::Operation(operation), Fault::LoseAnswer, 1);
        let (report, _) = lab.check("healthy-large").await;
        assert_eq!(step(&report, write).outcome, Outcome::Failed);
        assert_eq!(step(&report, remove).outcome, Outcome::Passed, "{:?}", step(&report, remove).facts);
    }
    let sample = lab.sample("healthy-large");
    assert_eq!(lab.simulator.mailbox_items(&sample.test_mailbox).left_behind(), Vec::<&_>::new());
}

#[tokio::test]
async fn a_busy_service_is_given_its_pause_and_no_more() {
    let lab = Lab::open().await;
    for (asked, again) in
        [("1000000000", Some(300)), ("240", Some(240)), ("-1", None), ("Fri, 31 Dec 1999 23:59:59 GMT", None)]
    {
        let list = Target::Operation(Operation::ContactsList);
        lab.simulator.inject(list, Fault::Throttled(asked.to_owned()), ALWAYS);
        let (report, _) = lab.check("healthy").await;
        lab.simulator.clear_faults();
        assert_eq!((cause(&report), report.verdict), (Some("throttled"), Verdict::CouldNotTell), "{asked}");
        assert_eq!(report.again, Again::Soon(again.map(Duration::from_secs)), "{asked}");
    }
}

#[tokio::test]
async fn a_paused_sign_in_sends_no_secret() {
    let lab = Lab::open().await;
    let witness = Witness { denies: true, ..Witness::default() };
    let report = lab.verifier().check(&credential(&lab.sample("healthy")), &witness).await;
    assert_eq!((cause(&report), report.verdict), (Some("sign_in_paused"), Verdict::CouldNotTell));
    assert_eq!(lab.simulator.token_requests("healthy"), 0);
    assert!(!witness.told().iter().any(|told| told.contains("answered")));
}
