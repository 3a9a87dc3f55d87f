//! The part of the form that tells of an app registration, whatever it proves itself with and however it is used.

use jiff::civil::Date;

use super::{
    super::{
        address::MailAddress,
        app::{AppSettings, ProofTerms},
        credential::{CredentialSettings, EwsSecretSettings, ExpiryProblem, TenantName, expiry_fits},
        dates::{self, DateProblem},
        guid::Guid,
        naming::{self, AppNames},
        renewal::Renewal,
        text::ObjectName,
    },
    rules::{Found, Rules, Slip, bare, private},
    typed::{Answers, field::*},
};

/// The names that an attempt proposes.
pub(super) fn proposed(answers: Answers, attempt: i64) -> Answers {
    answers.with(APP_NAME, naming::app_name(attempt)).with(SECRET_NAME, naming::secret_name(attempt))
}

/// The answers after a failed attempt. Tenant and test mailbox are kept. A new app has a new id, a new secret a new
/// description and another last day; what is not used up is filled in as it was.
pub(super) fn after(answers: Answers, earlier: &AppSettings, attempt: i64, renewal: Renewal) -> Answers {
    let mut answers = proposed(answers, attempt)
        .with(TENANT, earlier.tenant.as_str())
        .with(TEST_MAILBOX, earlier.test_mailbox.as_str())
        .with(OUTSIDE_MAILBOX, earlier.outside_mailbox.as_ref().map_or("", MailAddress::as_str));
    if renewal < Renewal::Names {
        answers =
            answers.with(APP_NAME, earlier.names.app.as_str()).with(CLIENT_ID, earlier.client_id.as_str());
    }
    // A certificate is made anew for each attempt, so there is nothing of it to fill in.
    if renewal < Renewal::Secret
        && let Some(name) = &earlier.names.secret
    {
        let ends = earlier.ends_on();
        answers = answers
            .with(SECRET_NAME, name.as_str())
            .with(ENDS_MONTH, ends.month().to_string())
            .with(ENDS_DAY, ends.day().to_string())
            .with(ENDS_YEAR, ends.year().to_string());
    }
    answers
}

/// Reads those of an app with a client secret; `None` when something is wrong, which is then among what was found.
pub(super) fn read(answers: &Answers, rules: &Rules<'_>, found: &mut Found) -> Option<AppSettings> {
    let registration = registration(answers, rules, found);
    let ends = match ends(answers, rules) {
        Ok(day) => Some(day),
        Err((field, slip)) => found.take(field, Err(slip)),
    };
    let secret = found.take(SECRET_NAME, secret_name(answers, rules));
    Some(registration?.settings(secret.map(Some)?, ProofTerms::Secret { secret_expires_on: ends? }))
}

/// Reads those of an app with a certificate of ours. Without a certificate there are no settings yet, and nothing of
/// what was typed is wrong because of it.
pub(super) fn read_certified(answers: &Answers, rules: &Rules<'_>, found: &mut Found) -> Option<AppSettings> {
    let registration = registration(answers, rules, found);
    let certificate = rules.certificate.cloned();
    Some(registration?.settings(None, ProofTerms::Certificate { certificate: certificate? }))
}

/// What every app registration is known by.
struct Registration {
    tenant: TenantName,
    client_id: Guid,
    test_mailbox: MailAddress,
    outside_mailbox: Option<MailAddress>,
    app: ObjectName,
}

impl Registration {
    fn settings(self, secret: Option<ObjectName>, terms: ProofTerms) -> AppSettings {
        AppSettings {
            tenant: self.tenant,
            client_id: self.client_id,
            test_mailbox: self.test_mailbox,
            outside_mailbox: self.outside_mailbox,
            names: AppNames { app: self.app, secret },
            terms,
        }
    }
}

fn registration(answers: &Answers, rules: &Rules<'_>, found: &mut Found) -> Option<Registration> {
    let tenant = found.take(TENANT, tenant(answers, rules));
    let client_id = found.take(CLIENT_ID, client_id(answers));
    let test_mailbox = found.take(TEST_MAILBOX, rules.mailbox(answers.text(TEST_MAILBOX)));
    let outside = rules.outside_mailbox(answers.text(OUTSIDE_MAILBOX), test_mailbox.as_ref());
    let outside_mailbox = found.take(OUTSIDE_MAILBOX, outside);
    let app = found.take(APP_NAME, app_name(answers));
    let app = match (app, &client_id) {
        (Some(name), Some(id)) => {
            let known = found.take(CLIENT_ID, of_another_name(&name, id, rules)).is_some();
            if known { found.take(APP_NAME, fresh_app(name, id, rules)) } else { None }
        }
        (name, _) => name,
    };
    Some(Registration {
        tenant: tenant?,
        client_id: client_id?,
        test_mailbox: test_mailbox?,
        outside_mailbox: outside_mailbox?,
        app: app?,
    })
}

/// The same over EWS, where the address of a service account is taken when there is one.
pub(super) fn read_ews(answers: &Answers, rules: &Rules<'_>, found: &mut Found) -> Option<EwsSecretSettings> {
    let app = read(answers, rules, found);
    let mailbox = app.as_ref().map(|app| &app.test_mailbox);
    let account = found.take(SERVICE_ACCOUNT, service_account(answers, mailbox));
    Some(EwsSecretSettings { app: app?, service_account: account? })
}

fn service_account(answers: &Answers, mailbox: Option<&MailAddress>) -> Result<Option<MailAddress>, Slip> {
    let text = bare(answers.text(SERVICE_ACCOUNT));
    if text.is_empty() {
        return Ok(None);
    }
    let account = MailAddress::parse(text).map_err(|problem| problem.sentence("the service account"))?;
    if account.domain().is_consumer() {
        return Err(private("an account", &account.domain()));
    }
    if mailbox == Some(&account) {
        let sentence = "Enter another account than the test mailbox, or leave this empty";
        return Err(Slip::of("form_same_mailbox", sentence));
    }
    Ok(Some(account))
}

fn tenant(answers: &Answers, rules: &Rules<'_>) -> Result<TenantName, Slip> {
    let text = bare(answers.text(TENANT));
    if text.is_empty() {
        return Err("Enter the Directory (tenant) ID".into());
    }
    if ["common", "organizations", "consumers"].contains(&text.to_ascii_lowercase().as_str()) {
        let common = text.to_ascii_lowercase();
        let sentence =
            format!("Enter your own Directory (tenant) ID: with \"{common}\" an app cannot sign in");
        return Err(Slip::of("form_id_malformed", sentence));
    }
    let tenant = TenantName::parse(text).ok_or_else(|| malformed("Directory (tenant) ID", ""))?;
    match &tenant {
        TenantName::Domain(domain) if domain.is_consumer() => Err(private("the tenant", domain)),
        TenantName::Domain(domain) if !rules.brokerage.may_check_domain(domain) => {
            Err(rules.outside("Enter the Directory (tenant) ID, or the domain", domain))
        }
        TenantName::Id(_) | TenantName::Domain(_) => Ok(tenant),
    }
}

fn client_id(answers: &Answers) -> Result<Guid, Slip> {
    let text = bare(answers.text(CLIENT_ID));
    if text.is_empty() {
        return Err("Enter the Application (client) ID".into());
    }
    let client = Guid::parse(text).ok_or_else(|| malformed("Application (client) ID", ""))?;
    if Guid::parse(bare(answers.text(TENANT))).as_ref() == Some(&client) {
        return Err(Slip::of(
            "form_ids_identical",
            "The Application (client) ID and the Directory (tenant) ID must differ: your app's Overview page shows both",
        ));
    }
    Ok(client)
}

/// What is said of a text that is no ID. `or` follows the sentence.
pub(super) fn malformed(what: &str, or: &str) -> Slip {
    Slip::of(
        "form_id_malformed",
        format!(
            "Copy the {what} again from your app's Overview page: it has 32 letters and digits in five groups{or}"
        ),
    )
}

fn ends(answers: &Answers, rules: &Rules<'_>) -> Result<Date, (&'static str, Slip)> {
    let ends = read_day(answers).map_err(|problem| match problem {
        DateProblem::Empty => (ENDS_MONTH, "Enter the day the client secret ends".into()),
        DateProblem::Month | DateProblem::NoSuchDay => (ENDS_MONTH, problem.sentence().into()),
        DateProblem::Day => (ENDS_DAY, problem.sentence().into()),
        DateProblem::Year => (ENDS_YEAR, problem.sentence().into()),
    })?;
    let unfit = |sentence: String| Err((ENDS_MONTH, Slip::of("form_expiry_invalid", sentence)));
    match expiry_fits(ends, rules.today) {
        Ok(()) => Ok(ends),
        Err(ExpiryProblem::TooFar) if answers.text(ENDS_SURE) == "yes" => Ok(ends),
        Err(ExpiryProblem::TooFar) => unfit(format!(
            "Is {} right? Entra offers at most 24 months. Change the date, or say that it is right",
            dates::words(ends)
        )),
        Err(problem) => unfit(problem.sentence().to_owned()),
    }
}

fn read_day(answers: &Answers) -> Result<Date, DateProblem> {
    let [month, day, year] = [ENDS_MONTH, ENDS_DAY, ENDS_YEAR].map(|field| bare(answers.text(field)));
    dates::read(month, day, year)
}

impl Answers {
    /// Whether the last day of the client secret lies so far ahead that the page asks whether it is right.
    pub fn end_is_far(&self, today: Date) -> bool {
        read_day(self).is_ok_and(|ends| expiry_fits(ends, today) == Err(ExpiryProblem::TooFar))
    }
}

fn app_name(answers: &Answers) -> Result<ObjectName, String> {
    ObjectName::parse(answers.text(APP_NAME)).map_err(|problem| problem.sentence("the app's name"))
}

/// Refuses the id of an earlier attempt's app under another name: one of the two is a slip.
fn of_another_name(name: &ObjectName, client_id: &Guid, rules: &Rules<'_>) -> Result<(), String> {
    let other = |app: &AppSettings| app.client_id == *client_id && app.names.app.key() != name.key();
    let used = rules.used_up(Renewal::Nothing, |settings| settings.app().is_some_and(other));
    match used.and_then(|used| Some((used.attempt, &used.settings.app()?.names.app))) {
        Some((attempt, used)) => Err(format!(
            "This Application (client) ID belongs to the app \"{used}\" of attempt {attempt}. Enter the one of \"{name}\", or give the app its old name if you keep it"
        )),
        None => Ok(()),
    }
}

/// An app that is kept (the same client id) keeps its name; another one needs one of its own.
fn fresh_app(name: ObjectName, client_id: &Guid, rules: &Rules<'_>) -> Result<ObjectName, String> {
    let key = name.key();
    let has = |settings: &CredentialSettings| {
        settings.app().is_some_and(|app| app.names.app.key() == key && app.client_id != *client_id)
    };
    rules.fresh(name, Renewal::Names, ("app", naming::app_name(rules.attempt)), has)
}

fn secret_name(answers: &Answers, rules: &Rules<'_>) -> Result<ObjectName, String> {
    let name = ObjectName::parse(answers.text(SECRET_NAME))
        .map_err(|problem| problem.sentence("the client secret's description"))?;
    let key = name.key();
    let has = |settings: &CredentialSettings| {
        settings.app().and_then(|app| app.names.secret.as_ref()).is_some_and(|secret| secret.key() == key)
    };
    rules.fresh(name, Renewal::Secret, ("client secret", naming::secret_name(rules.attempt)), has)
}
