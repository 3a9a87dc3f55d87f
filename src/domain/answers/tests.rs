use jiff::civil::date;

use super::*;
use crate::domain::{
    address::MailDomain,
    app::AppCertificate,
    brokerage::{Brokerage, Origin},
    google::ServiceAccount,
    ids::BrokerageId,
    instant::Instant,
    text::{CompanyName, PersonName},
};

const TENANT: &str = "11111111-7a0e-4c43-9a5a-3a7e0f6c2d11";
const CLIENT: &str = "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11";
const VALUE: &str = "Xq18Q~abcdefghijklmnopqrstuvwxyz0123456._-";
const KINDS: &[AccessKind] = AccessKind::ALL;

fn brokerage(accepted: bool) -> Brokerage {
    let at = Instant::from_micros(0);
    Brokerage {
        id: BrokerageId::from_random([1; 16]),
        version: 1,
        company: CompanyName::from_stored("Lakeshore Realty".to_owned()),
        contact: PersonName::from_stored("Ida".to_owned()),
        brand: None,
        origin: Origin::SelfStarted,
        proven_domain: MailDomain::parse("lakeshore.example").expect("a domain"),
        accepted_at: accepted.then_some(at),
        refused_at: None,
        created_at: at,
    }
}

fn account() -> ServiceAccount {
    ServiceAccount {
        email: "moxiengage@lakeshore-mail.iam.gserviceaccount.com".to_owned(),
        client_id: "104857600000000000001".to_owned(),
        project: "lakeshore-mail".to_owned(),
        key_id: "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567".to_owned(),
    }
}

fn good(kind: AccessKind) -> Answers {
    let key = Some(account()).filter(|_| kind == AccessKind::GoogleKey);
    Answers::proposed(kind, 1)
        .with_sealed_account(key.as_ref())
        .with("tenant", TENANT)
        .with("client_id", CLIENT)
        .with("ends_month", "11")
        .with("ends_day", "21")
        .with("ends_year", "2028")
        .with("service_account", "moxi.svc@lakeshore.example")
        .with("ews_url", "https://mail.lakeshore.example/EWS/Exchange.asmx")
        .with("test_mailbox", "pat@lakeshore.example")
}

fn certificate() -> AppCertificate {
    AppCertificate {
        der: "MIIC".to_owned(),
        thumbprint: "AB".repeat(20),
        subject: String::new(),
        starts_on: date(2026, 11, 20),
        ends_on: date(2028, 11, 21),
    }
}

fn app() -> Answers {
    good(AccessKind::GraphSecret)
}

fn exchange() -> Answers {
    good(AccessKind::ExchangeBasic)
}

fn in_cloud() -> Answers {
    good(AccessKind::Microsoft365Password)
}

fn used(kind: AccessKind, renewal: Renewal) -> Earlier {
    Earlier { attempt: 1, settings: read(&good(kind), false, &[]).expect("good answers"), renewal }
}

fn read(
    answers: &Answers,
    accepted: bool,
    earlier: &[Earlier],
) -> Result<CredentialSettings, Vec<FieldError>> {
    let attempt = i64::try_from(earlier.len()).expect("few") + 1;
    let brokerage = brokerage(accepted);
    let made = certificate();
    let certificate = Some(&made);
    answers.read(&Rules { today: date(2026, 11, 21), brokerage: &brokerage, earlier, attempt, certificate })
}

fn errors(answers: &Answers, earlier: &[Earlier]) -> Vec<(&'static str, String)> {
    let errors = read(answers, false, earlier).expect_err("refused");
    errors.into_iter().map(|error| (error.field, error.sentence)).collect()
}

fn only(answers: &Answers) -> (&'static str, String) {
    let errors = errors(answers, &[]);
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.into_iter().next().expect("one")
}

#[test]
fn good_answers_of_each_kind_are_read_whatever_came_along_with_them() {
    for kind in KINDS {
        let mut answers = good(*kind);
        for field in fields(*kind) {
            let text = answers.text(field).to_owned();
            let padded =
                matches!(*field, "tenant" | "client_id" | "service_account" | "ews_url" | "test_mailbox");
            if padded {
                answers = answers.with(field, format!("\u{200b}\u{a0}{text}\r\n\u{feff}"));
            }
        }
        let settings = read(&answers, false, &[]).expect("good answers");
        assert_eq!(settings, read(&good(*kind), false, &[]).expect("good answers"));
        assert_eq!((settings.kind(), settings.test_mailbox().as_str()), (*kind, "pat@lakeshore.example"));
    }
    let braced = app().with("tenant", format!("{{{}}}", TENANT.to_uppercase()));
    assert_eq!(read(&braced, false, &[]), read(&app(), false, &[]));
}

#[test]
fn what_is_optional_may_be_left_out() {
    let bare = exchange().with("ews_url", "").with("certificate_sha256", " ");
    let Ok(CredentialSettings::ExchangeBasic(settings)) = read(&bare, false, &[]) else {
        panic!("good answers")
    };
    assert_eq!((settings.ews_url, settings.certificate), (None, None));
    let bare = good(AccessKind::EwsSecret).with("service_account", "\u{200b}");
    let Ok(CredentialSettings::EwsSecret(settings)) = read(&bare, false, &[]) else { panic!("good answers") };
    assert_eq!(settings.service_account, None);
    let bare = in_cloud().with("client_id", "\u{a0}");
    let Ok(CredentialSettings::Microsoft365Password(settings)) = read(&bare, false, &[]) else {
        panic!("good answers")
    };
    assert_eq!((settings.client_id, settings.service_account.as_str()), (None, "moxi.svc@lakeshore.example"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_in_the_order_of_the_page() {
    let told = |kind| -> Vec<&str> {
        errors(&Answers::empty(kind), &[]).into_iter().map(|(field, _)| field).collect()
    };
    let app = ["app_name", "tenant", "client_id", "secret_name", "ends_month", "test_mailbox"];
    assert_eq!(told(AccessKind::GraphSecret), app);
    assert_eq!(told(AccessKind::EwsSecret), app);
    let account = ["account_name", "service_account", "role_group", "test_mailbox"];
    assert_eq!(told(AccessKind::ExchangeBasic), account);
    assert_eq!(told(AccessKind::Microsoft365Password), account);
}

#[test]
fn ids_are_looked_at_before_any_network() {
    assert!(only(&app().with("client_id", TENANT.to_uppercase())).1.contains("must differ"));
    assert!(only(&app().with("client_id", "lakeshore.example")).1.contains("Overview"));
    assert!(only(&app().with("tenant", "Common")).1.contains("\"common\""));
    assert!(only(&app().with("tenant", "outlook.com")).1.contains("private mailboxes"));
    assert!(only(&app().with("tenant", "https://x/y")).1.contains("Overview"));
}

#[test]
fn a_server_of_the_office_is_named_as_it_has_to_be() {
    for (field, text, said) in [
        ("service_account", "moxi", "DOMAIN\\name"),
        ("service_account", "moxi@gmail.com", "private mailboxes"),
        ("service_account", "moxi:x@lakeshore.example", "DOMAIN\\name"),
        ("ews_url", "mail.lakeshore.example", "probably https://mail.lakeshore.example/EWS/Exchange.asmx"),
        ("ews_url", "https://outlook.office365.com/EWS/Exchange.asmx", "choose Microsoft 365"),
        ("ews_url", "https://10.0.0.5/EWS/Exchange.asmx", "public name"),
        ("certificate_sha256", "AB:CD", "64 digits"),
        ("test_mailbox", "Moxi.Svc@Lakeshore.example", "ordinary agent's mailbox"),
        ("test_mailbox", "pat@gmail.com", "private mailboxes"),
        ("account_name", "Moxi'; rm", "letters"),
        ("role_group", "\u{202e}x", "cannot be seen"),
    ] {
        let (told, sentence) = only(&exchange().with(field, text));
        assert!(
            told == field && sentence.to_lowercase().contains(&said.to_lowercase()),
            "{text}: {sentence}"
        );
    }
    let old_form = exchange().with("service_account", "LAKESHORE\\moxi.svc");
    assert!(read(&old_form, false, &[]).is_ok());
    for (field, text, said) in [
        ("service_account", "", "login"),
        ("service_account", "moxi.svc", "name@your-domain"),
        ("service_account", "LAKESHORE\\moxi.svc", "takes no DOMAIN"),
        ("service_account", "moxi.svc@gmail.com", "private mailboxes"),
        ("service_account", "moxi.svc@pine.example", "until we have accepted"),
        ("client_id", "lakeshore.example", "Overview"),
        ("test_mailbox", "moxi.svc@lakeshore.example", "ordinary agent's mailbox"),
        ("role_group", "a'b", "letters"),
    ] {
        let (told, sentence) = only(&in_cloud().with(field, text));
        assert!(
            told == field && sentence.to_lowercase().contains(&said.to_lowercase()),
            "{text}: {sentence}"
        );
    }
    let same = good(AccessKind::EwsSecret).with("service_account", "PAT@lakeshore.example");
    assert_eq!(only(&same).0, "service_account");
}

#[test]
fn a_brokerage_that_nobody_accepted_reaches_its_own_domain_only() {
    let (field, sentence) = only(&app().with("test_mailbox", "pat@other.example"));
    assert_eq!(field, "test_mailbox");
    assert!(sentence.contains("lakeshore.example") && sentence.contains("other.example"), "{sentence}");
    for (answers, field, text) in [
        (app(), "tenant", "lakeshore.onmicrosoft.com"),
        (app(), "test_mailbox", "pat@sub.lakeshore.example"),
        (exchange(), "test_mailbox", "pat@other.example"),
        (exchange(), "service_account", "moxi@other.example"),
        (exchange(), "ews_url", "https://mail.other.example/EWS/Exchange.asmx"),
        (exchange(), "ews_url", "https://evil-lakeshore.example/EWS/Exchange.asmx"),
        (exchange(), "ews_url", "https://lakeshore.example.evil.example/EWS/Exchange.asmx"),
    ] {
        let answers = answers.with(field, text);
        assert_eq!(only(&answers).0, field, "{text}");
        assert!(read(&answers, true, &[]).is_ok(), "an accepted one may have several domains: {text}");
    }
    assert!(read(&app().with("tenant", "lakeshore.example"), false, &[]).is_ok());
    let apex = exchange().with("ews_url", "https://lakeshore.example/EWS/Exchange.asmx");
    assert!(read(&apex, false, &[]).is_ok());
    for answers in [app(), exchange()] {
        assert!(read(&answers.with("test_mailbox", "pat@gmail.com"), true, &[]).is_err());
    }
}

#[test]
fn a_day_far_ahead_is_asked_about_and_others_are_refused() {
    assert!(only(&app().with("ends_year", "2025")).1.contains("over"));
    let soon = app().with("ends_month", "12").with("ends_day", "1").with("ends_year", "2026");
    assert!(only(&soon).1.contains("30 days"));
    let far = app().with("ends_year", "2048");
    assert!(only(&far).1.contains("Is 21 November 2048 right?"));
    assert!(far.end_is_far(date(2026, 11, 21)));
    assert!(read(&far.with("ends_sure", "yes"), false, &[]).is_ok());
}

#[test]
fn a_name_of_an_app_is_refused_by_the_number_of_its_attempt() {
    let earlier = [used(AccessKind::GraphSecret, Renewal::Names)];
    let other = app().with("client_id", "99999999-7a0e-4c43-9a5a-3a7e0f6c2d11");
    let found = errors(&other, &earlier);
    assert_eq!(found.iter().map(|e| e.0).collect::<Vec<_>>(), ["app_name", "secret_name"]);
    assert!(found.iter().all(|e| e.1.contains("attempt 1")), "{found:?}");
    assert!(found[0].1.contains("\"MoxiEngage2\"") && found[1].1.contains("\"Engage access2\""), "{found:?}");

    let kept = errors(&app(), &earlier);
    assert_eq!(
        kept.iter().map(|e| e.0).collect::<Vec<_>>(),
        ["secret_name"],
        "an app that is kept: {kept:?}"
    );
    let renamed = app().with("app_name", "MoxiEngage2").with("secret_name", "Engage access2");
    assert_eq!(errors(&renamed, &earlier)[0].0, "client_id", "the old app's id under a new name");

    let secret = [used(AccessKind::GraphSecret, Renewal::Secret)];
    assert_eq!(errors(&app(), &secret).iter().map(|e| e.0).collect::<Vec<_>>(), ["secret_name"]);
    assert!(read(&app(), false, &[used(AccessKind::GraphSecret, Renewal::Nothing)]).is_ok());
}

#[test]
fn names_on_a_server_are_refused_once_their_attempt_used_them_up() {
    let earlier = [used(AccessKind::ExchangeBasic, Renewal::Names)];
    let again = exchange()
        .with("service_account", "LAKESHORE\\Moxi.Svc")
        .with("account_name", " moxiengage  SERVICE ")
        .with("role_group", "impersonation");
    let found = errors(&again, &earlier);
    let fields: Vec<&str> = found.iter().map(|e| e.0).collect();
    assert_eq!(fields, ["account_name", "service_account", "role_group"]);
    let proposed = ["\"MoxiEngage Service2\"", "\"LAKESHORE\\Moxi.Svc2\"", "\"Impersonation2\""];
    for (error, proposal) in found.iter().zip(proposed) {
        assert!(error.1.contains("attempt 1") && error.1.contains(proposal), "{error:?}");
    }
    for renewal in [Renewal::Secret, Renewal::Nothing] {
        assert!(read(&exchange(), false, &[used(AccessKind::ExchangeBasic, renewal)]).is_ok());
    }
}

#[test]
fn a_new_attempt_keeps_what_is_kept() {
    let after = |kind, renewal| {
        let settings = read(&good(kind), false, &[]).expect("good answers");
        let answers = Answers::after(&settings, 2, renewal);
        let earlier = [Earlier { attempt: 1, settings, renewal }];
        let refused = read(&answers, false, &earlier).err().unwrap_or_default();
        (answers, refused.into_iter().map(|error| error.field).collect::<Vec<_>>())
    };
    for kind in [AccessKind::GraphSecret, AccessKind::EwsSecret] {
        let (fresh, asked) = after(kind, Renewal::Names);
        assert_eq!((fresh.text("app_name"), fresh.text("secret_name")), ("MoxiEngage2", "Engage access2"));
        assert_eq!(
            fresh.text("service_account") == "moxi.svc@lakeshore.example",
            kind == AccessKind::EwsSecret
        );
        assert_eq!(asked, ["client_id", "ends_month"]);
        let (same, asked) = after(kind, Renewal::Secret);
        assert_eq!((same.text("app_name"), same.text("secret_name")), ("MoxiEngage", "Engage access2"));
        assert_eq!(asked, ["ends_month"]);
        assert_eq!(after(kind, Renewal::Nothing), (good(kind), vec![]));
    }
    let (fresh, asked) = after(AccessKind::ExchangeBasic, Renewal::Names);
    let names = ["account_name", "service_account", "role_group"].map(|field| fresh.text(field).to_owned());
    assert_eq!(
        names,
        ["MoxiEngage Service2", "moxi.svc2@lakeshore.example", "Impersonation2"].map(str::to_owned)
    );
    assert_eq!((fresh.text("ews_url"), asked), (exchange().text("ews_url"), vec![]));
    for renewal in [Renewal::Secret, Renewal::Nothing] {
        assert_eq!(after(AccessKind::ExchangeBasic, renewal), (exchange(), vec![]));
        assert_eq!(after(AccessKind::Microsoft365Password, renewal), (in_cloud(), vec![]));
    }
    let (fresh, asked) = after(AccessKind::Microsoft365Password, Renewal::Names);
    let kept = ["account_name", "service_account", "role_group"].map(|field| fresh.text(field).to_owned());
    assert_eq!((kept, fresh.text("client_id"), asked), (names, CLIENT, vec![]));
}

#[test]
fn a_secret_in_another_field_is_neither_kept_nor_shown() {
    let mut answers = app().with("client_id", VALUE).with("secret_name", "my password is aVeryLongSecret123");
    let errors = answers.drop_misplaced_secret(" aVeryLongSecret123 ");
    assert_eq!(errors.iter().map(|e| e.field).collect::<Vec<_>>(), ["client_id", "secret_name"]);
    assert_eq!((answers.text("client_id"), answers.text("secret_name")), ("", ""));
    assert!(app().drop_misplaced_secret(VALUE).is_empty());
    assert!(app().drop_misplaced_secret("").is_empty());

    let mut answers = exchange().with("account_name", "Moxi pw Tr0ub4dor").with("role_group", "short");
    let errors = answers.drop_misplaced_secret("Tr0ub4dor");
    assert_eq!(errors.iter().map(|e| e.field).collect::<Vec<_>>(), ["account_name"]);
    assert_eq!(answers.drop_misplaced_secret("short").len(), 1, "a short one alone in a field");
    assert!(exchange().drop_misplaced_secret("moxi").is_empty(), "a short one within another word");
    assert!(exchange().drop_misplaced_secret("").is_empty());
}

#[test]
fn only_fields_of_the_kind_are_kept_and_the_secret_is_none_of_them() {
    for kind in KINDS.iter().filter(|kind| **kind != AccessKind::Microsoft365Password) {
        let all = ["role", "password", "client_secret", "ews_url", "tenant", "test_mailbox", "seen"];
        let texts = all.map(|field| (field.to_owned(), VALUE.to_owned())).into();
        let kept = Answers::from_stored(*kind, texts);
        let mut own = match kind {
            AccessKind::ExchangeBasic => vec!["ews_url"],
            AccessKind::GoogleDelegated | AccessKind::GoogleKey => Vec::new(),
            _ => vec!["tenant"],
        };
        own.push("test_mailbox");
        assert_eq!(kept.to_stored().keys().collect::<Vec<_>>(), own);
    }
}

#[test]
fn a_draft_of_the_version_before_still_opens() {
    // Byte for byte what was stored when there was one kind only.
    let stored = r#"{"app_name":"MoxiEngage","tenant":"11111111-7a0e-4c43-9a5a-3a7e0f6c2d11","client_id":"5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11","secret_name":"Engage access","ends_month":"11","ends_day":"21","ends_year":"2028","ends_sure":"","test_mailbox":"pat@lakeshore.example"}"#;
    let texts = serde_json::from_str(stored).expect("a map");
    assert_eq!(Answers::from_stored(AccessKind::GraphSecret, texts), app());
}

#[test]
fn a_key_is_refused_once_its_attempt_used_it_up() {
    let again = good(AccessKind::GoogleKey);
    let secret = [used(AccessKind::GoogleKey, Renewal::Secret)];
    let (field, sentence) = errors(&again, &secret).remove(0);
    assert_eq!(field, "service_account_key");
    assert!(sentence.contains("key of attempt 1"), "{sentence}");
    let other_key = ServiceAccount { key_id: "another-key-of-it".to_owned(), ..account() };
    let other_key = again.clone().with_sealed_account(Some(&other_key));
    assert!(read(&other_key, false, &secret).is_ok());
    let names = [used(AccessKind::GoogleKey, Renewal::Names)];
    let (field, sentence) = errors(&other_key, &names).remove(0);
    assert_eq!(field, "service_account_key");
    assert!(sentence.contains("attempt 1") && sentence.contains("\"moxiengage2\""), "{sentence}");
    assert!(read(&again, false, &[used(AccessKind::GoogleKey, Renewal::Nothing)]).is_ok());
}

#[test]
fn a_key_pasted_beside_its_field_is_neither_kept_nor_shown() {
    for kind in [AccessKind::GoogleDelegated, AccessKind::GoogleKey] {
        let mut answers =
            Answers::empty(kind).with("test_mailbox", "{\"private_key\": \"-----BEGIN PRIVATE KEY-----\"}");
        let told = answers.drop_misplaced_secret("");
        assert_eq!(told.iter().map(|error| error.field).collect::<Vec<_>>(), ["test_mailbox"]);
        assert_eq!(answers.text("test_mailbox"), "");
    }
    assert_eq!(secret_field(AccessKind::GoogleDelegated), None);
}

#[test]
fn a_delegation_is_checked_in_the_proven_domain_alone_also_by_an_accepted_office() {
    let other = good(AccessKind::GoogleDelegated).with("test_mailbox", "pat@other.example");
    for accepted in [false, true] {
        let refused = read(&other, accepted, &[]).expect_err("another office's delegation is theirs");
        assert_eq!(refused[0].field, "test_mailbox");
        assert!(refused[0].sentence.contains("lakeshore.example"), "{refused:?}");
        assert!(read(&good(AccessKind::GoogleDelegated), accepted, &[]).is_ok());
    }
    let own_key = good(AccessKind::GoogleKey).with("test_mailbox", "pat@other.example");
    assert!(read(&own_key, true, &[]).is_ok(), "a key of their own proves more");
}

#[test]
fn a_new_attempt_at_google_keeps_the_mailbox_and_asks_for_the_key() {
    for kind in [AccessKind::GoogleDelegated, AccessKind::GoogleKey] {
        let settings = read(&good(kind), false, &[]).expect("good answers");
        for renewal in [Renewal::Nothing, Renewal::Secret, Renewal::Names] {
            let after = Answers::after(&settings, 2, renewal);
            assert_eq!(after.text("test_mailbox"), "pat@lakeshore.example");
            assert_eq!(after.sealed_account(), None);
        }
    }
}
