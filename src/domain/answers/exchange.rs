//! The form of a service account on an Exchange server of the office's own.

use super::{
    super::{
        address::{MailAddress, MailDomain},
        credential::CredentialSettings,
        exchange::{CertificatePin, EwsUrl, ExchangeNames, ExchangeSettings, Login},
        naming,
        renewal::Renewal,
        text::ObjectName,
    },
    rules::{Found, Rules, Slip, bare, private, used_name},
    typed::{Answers, field::*},
};

/// The names that an attempt proposes.
pub(super) fn proposed(answers: Answers, attempt: i64) -> Answers {
    answers
        .with(ACCOUNT_NAME, naming::account_name(attempt))
        .with(ROLE_GROUP, naming::role_group_name(attempt))
}

/// The answers after a failed attempt. The server and the test mailbox are kept, and so are the names, unless the cause
/// uses them up: then the account, its logon name and the role group are to be new ones.
pub(super) fn after(answers: Answers, earlier: &ExchangeSettings, attempt: i64, renewal: Renewal) -> Answers {
    let answers = proposed(answers, attempt)
        .with(EWS_URL, earlier.ews_url.as_ref().map(ToString::to_string).unwrap_or_default())
        .with(CERTIFICATE, earlier.certificate.as_ref().map(CertificatePin::as_hex).unwrap_or_default())
        .with(TEST_MAILBOX, earlier.test_mailbox.as_str())
        .with(OUTSIDE_MAILBOX, earlier.outside_mailbox.as_ref().map_or("", MailAddress::as_str));
    if renewal == Renewal::Names {
        return answers.with(SERVICE_ACCOUNT, earlier.service_account.numbered(attempt));
    }
    answers
        .with(SERVICE_ACCOUNT, earlier.service_account.as_str())
        .with(ACCOUNT_NAME, earlier.names.account.as_str())
        .with(ROLE_GROUP, earlier.names.role_group.as_str())
}

/// Reads them; `None` when something is wrong, which is then among what was found.
pub(super) fn read(answers: &Answers, rules: &Rules<'_>, found: &mut Found) -> Option<ExchangeSettings> {
    let account = found.take(ACCOUNT_NAME, account_name(answers, rules));
    let login = found.take(SERVICE_ACCOUNT, login(answers, rules));
    let role_group = found.take(ROLE_GROUP, role_group(answers, rules));
    let ews_url = found.take(EWS_URL, ews_url(answers, rules));
    let certificate = found.take(CERTIFICATE, certificate(answers));
    let mailbox = rules.mailbox(answers.text(TEST_MAILBOX));
    let mailbox = mailbox.and_then(|mailbox| no_service_account(mailbox, login.as_ref()));
    let test_mailbox = found.take(TEST_MAILBOX, mailbox);
    let outside = rules.outside_mailbox(answers.text(OUTSIDE_MAILBOX), test_mailbox.as_ref());
    let outside_mailbox = found.take(OUTSIDE_MAILBOX, outside);
    Some(ExchangeSettings {
        service_account: login?,
        ews_url: ews_url?,
        certificate: certificate?,
        test_mailbox: test_mailbox?,
        outside_mailbox: outside_mailbox?,
        names: ExchangeNames { account: account?, role_group: role_group? },
    })
}

pub(super) fn account_name(answers: &Answers, rules: &Rules<'_>) -> Result<ObjectName, String> {
    let name = ObjectName::parse(answers.text(ACCOUNT_NAME))
        .map_err(|problem| problem.sentence("the service account's name"))?;
    let key = name.key();
    let has =
        |settings: &CredentialSettings| settings.service_account().is_some_and(|s| s.1.account.key() == key);
    rules.fresh(name, Renewal::Names, ("service account", naming::account_name(rules.attempt)), has)
}

pub(super) fn role_group(answers: &Answers, rules: &Rules<'_>) -> Result<ObjectName, String> {
    let name = ObjectName::parse(answers.text(ROLE_GROUP))
        .map_err(|problem| problem.sentence("the role group's name"))?;
    let key = name.key();
    let has = |settings: &CredentialSettings| {
        settings.service_account().is_some_and(|s| s.1.role_group.key() == key)
    };
    rules.fresh(name, Renewal::Names, ("role group", naming::role_group_name(rules.attempt)), has)
}

fn login(answers: &Answers, rules: &Rules<'_>) -> Result<Login, Slip> {
    let login = Login::parse(answers.text(SERVICE_ACCOUNT)).map_err(|problem| problem.sentence())?;
    if let Some(domain) = login.as_address().map(|address| address.domain()) {
        if domain.is_consumer() {
            return Err(private("an account", &domain));
        }
        if !rules.brokerage.may_reach(&domain) {
            return Err(rules.outside("Write the login as DOMAIN\\name, or enter an account", &domain));
        }
    }
    fresh_login(login, rules)
}

/// A login that no earlier attempt used up.
pub(super) fn fresh_login(login: Login, rules: &Rules<'_>) -> Result<Login, Slip> {
    let has = |settings: &CredentialSettings| {
        settings.service_account().is_some_and(|(used, _)| used.is_same_account(&login))
    };
    match rules.used_up(Renewal::Names, has) {
        Some(used) => {
            let proposal = login.numbered(rules.attempt);
            Err(used_name(login.as_str(), used.attempt, &proposal, "new service account").into())
        }
        None => Ok(login),
    }
}

fn ews_url(answers: &Answers, rules: &Rules<'_>) -> Result<Option<EwsUrl>, Slip> {
    let text = bare(answers.text(EWS_URL));
    if text.is_empty() {
        return Ok(None);
    }
    let url = EwsUrl::parse(text).map_err(|problem| Slip::of(problem.cause(), problem.sentence()))?;
    match MailDomain::parse(url.host()) {
        Ok(host) if !rules.brokerage.may_reach(&host) => {
            Err(rules.outside("Enter the address of a server", &host))
        }
        _ => Ok(Some(url)),
    }
}

fn certificate(answers: &Answers) -> Result<Option<CertificatePin>, &'static str> {
    let text = bare(answers.text(CERTIFICATE));
    if text.is_empty() {
        return Ok(None);
    }
    CertificatePin::parse(text).map(Some).ok_or(
        "Copy the SHA-256 fingerprint again: it has 64 digits from 0 to 9 and A to F. Or leave this empty",
    )
}

/// The check acts as the test mailbox: as the account's own it would not show whether it may act as another.
pub(super) fn no_service_account(mailbox: MailAddress, login: Option<&Login>) -> Result<MailAddress, Slip> {
    if login.and_then(Login::as_address).as_ref() == Some(&mailbox) {
        return Err(Slip::of(
            "form_same_mailbox",
            "Enter an ordinary agent's mailbox. With the service account's own we could not test whether it may act for others",
        ));
    }
    Ok(mailbox)
}
