use jiff::civil::date;

use super::*;
use crate::domain::{
    brokerage::Origin,
    ids::BrokerageId,
    instant::Instant,
    text::{CompanyName, PersonName},
};

const TENANT: &str = "11111111-7a0e-4c43-9a5a-3a7e0f6c2d11";
const CLIENT: &str = "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11";
const VALUE: &str = "Xq18Q~abcdefghijklmnopqrstuvwxyz0123456._-";

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
        created_at: at,
    }
}

fn good() -> GraphSecretAnswers {
    GraphSecretAnswers {
        tenant: TENANT.to_owned(),
        client_id: CLIENT.to_owned(),
        ends_month: "11".to_owned(),
        ends_day: "21".to_owned(),
        ends_year: "2028".to_owned(),
        test_mailbox: "pat@lakeshore.example".to_owned(),
        ..GraphSecretAnswers::proposed(1)
    }
}

fn used() -> UsedNames {
    let settings = read(&good(), false, &[]).expect("good answers");
    UsedNames { attempt: 1, client_id: settings.client_id, names: settings.names }
}

fn read(
    answers: &GraphSecretAnswers,
    accepted: bool,
    earlier: &[UsedNames],
) -> Result<GraphSecretSettings, Vec<FieldError>> {
    let attempt = i64::try_from(earlier.len()).expect("few") + 1;
    let brokerage = brokerage(accepted);
    answers.read(&Rules { today: date(2026, 11, 21), brokerage: &brokerage, earlier, attempt })
}

fn errors(
    change: impl FnOnce(&mut GraphSecretAnswers),
    earlier: &[UsedNames],
) -> Vec<(&'static str, String)> {
    let mut answers = good();
    change(&mut answers);
    let errors = read(&answers, false, earlier).expect_err("refused");
    errors.into_iter().map(|error| (error.field, error.sentence)).collect()
}

fn only(change: impl FnOnce(&mut GraphSecretAnswers)) -> (&'static str, String) {
    let errors = errors(change, &[]);
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.into_iter().next().expect("one")
}

#[test]
fn good_answers_are_read_whatever_came_along_with_them() {
    let mut answers = good();
    answers.tenant = format!("\u{200b} {{{}}}\r\n", TENANT.to_uppercase());
    answers.test_mailbox = "\u{a0}pat@Lakeshore.example\u{feff}".to_owned();
    let settings = read(&answers, false, &[]).expect("good answers");
    assert_eq!(settings.tenant.as_str(), TENANT);
    assert_eq!(settings.test_mailbox.as_str(), "pat@lakeshore.example");
    assert_eq!(settings.secret_expires_on, date(2028, 11, 21));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_in_the_order_of_the_page() {
    let errors = read(&GraphSecretAnswers::default(), false, &[]).expect_err("refused");
    let fields: Vec<&str> = errors.iter().map(|error| error.field).collect();
    assert_eq!(fields, ["app_name", "tenant", "client_id", "secret_name", "ends_month", "test_mailbox"]);
}

#[test]
fn ids_are_looked_at_before_any_network() {
    assert!(only(|a| a.client_id = TENANT.to_uppercase()).1.contains("must differ"));
    assert!(only(|a| a.client_id = "lakeshore.example".to_owned()).1.contains("Overview"));
    assert!(only(|a| a.tenant = "Common".to_owned()).1.contains("\"common\""));
    assert!(only(|a| a.tenant = "outlook.com".to_owned()).1.contains("private mailboxes"));
    assert!(only(|a| a.tenant = "https://x/y".to_owned()).1.contains("Overview"));
}

#[test]
fn a_brokerage_that_nobody_accepted_reaches_its_own_domain_only() {
    let (field, sentence) = only(|a| a.test_mailbox = "pat@other.example".to_owned());
    assert_eq!(field, "test_mailbox");
    assert!(sentence.contains("lakeshore.example") && sentence.contains("other.example"), "{sentence}");
    assert_eq!(only(|a| a.tenant = "lakeshore.onmicrosoft.com".to_owned()).0, "tenant");
    assert_eq!(only(|a| a.test_mailbox = "pat@sub.lakeshore.example".to_owned()).0, "test_mailbox");
    let mut answers = good();
    answers.tenant = "lakeshore.example".to_owned();
    assert!(read(&answers, false, &[]).is_ok());
    answers.tenant = "lakeshore.onmicrosoft.com".to_owned();
    answers.test_mailbox = "pat@other.example".to_owned();
    assert!(read(&answers, true, &[]).is_ok(), "an accepted one may have several domains");
    answers.test_mailbox = "pat@gmail.com".to_owned();
    assert!(read(&answers, true, &[]).is_err());
}

#[test]
fn a_day_far_ahead_is_asked_about_and_others_are_refused() {
    assert!(only(|a| a.ends_year = "2025".to_owned()).1.contains("over"));
    assert!(
        only(|a| {
            a.ends_month = "12".to_owned();
            a.ends_day = "1".to_owned();
            a.ends_year = "2026".to_owned();
        })
        .1
        .contains("30 days")
    );
    assert!(only(|a| a.ends_year = "2048".to_owned()).1.contains("Is 21 November 2048 right?"));
    let mut answers = good();
    answers.ends_year = "2048".to_owned();
    assert!(answers.end_is_far(date(2026, 11, 21)));
    answers.ends_sure = "yes".to_owned();
    assert!(read(&answers, false, &[]).is_ok());
}

#[test]
fn a_name_of_an_earlier_attempt_is_refused_by_its_number() {
    let earlier = [used()];
    let other = "99999999-7a0e-4c43-9a5a-3a7e0f6c2d11";
    let found = errors(|a| a.client_id = other.to_owned(), &earlier);
    assert_eq!(found.iter().map(|e| e.0).collect::<Vec<_>>(), ["app_name", "secret_name"]);
    assert!(found.iter().all(|e| e.1.contains("attempt 1")), "{found:?}");
    assert!(found[0].1.contains("\"MoxiEngage2\"") && found[1].1.contains("\"Engage access2\""), "{found:?}");

    let kept = errors(|_| (), &earlier);
    assert_eq!(
        kept.iter().map(|e| e.0).collect::<Vec<_>>(),
        ["secret_name"],
        "an app that is kept: {kept:?}"
    );
    let renamed = errors(
        |a| {
            a.app_name = "MoxiEngage2".to_owned();
            a.secret_name = "Engage access2".to_owned();
        },
        &earlier,
    );
    assert_eq!(renamed[0].0, "client_id", "the old app's id under a new name: {renamed:?}");
}

#[test]
fn a_new_attempt_keeps_what_is_kept() {
    let settings = read(&good(), false, &[]).expect("good answers");
    let fresh = GraphSecretAnswers::after(&settings, 2, true);
    assert_eq!((fresh.app_name.as_str(), fresh.client_id.as_str()), ("MoxiEngage2", ""));
    let same = GraphSecretAnswers::after(&settings, 2, false);
    assert_eq!((same.app_name.as_str(), same.client_id.as_str()), ("MoxiEngage", CLIENT));
    for answers in [fresh, same] {
        assert_eq!(answers.secret_name, "Engage access2");
        assert_eq!(answers.tenant, TENANT);
        assert_eq!(answers.test_mailbox, "pat@lakeshore.example");
        assert_eq!(answers.ends_year, "");
    }
}

#[test]
fn a_secret_in_another_field_is_neither_kept_nor_shown() {
    let mut answers = good();
    answers.client_id = VALUE.to_owned();
    answers.secret_name = "my password is aVeryLongSecret123".to_owned();
    let errors = answers.drop_misplaced_secret(" aVeryLongSecret123 ");
    assert_eq!(errors.iter().map(|e| e.field).collect::<Vec<_>>(), ["client_id", "secret_name"]);
    assert_eq!((answers.client_id.as_str(), answers.secret_name.as_str()), ("", ""));
    assert!(good().drop_misplaced_secret(VALUE).is_empty());
    assert!(good().drop_misplaced_secret("").is_empty());
}
