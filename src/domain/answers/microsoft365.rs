//! The form of a service account of Microsoft 365 and its password.

use super::{
    super::{
        exchange::{ExchangeNames, Login},
        guid::Guid,
        microsoft365::PasswordSettings,
        renewal::Renewal,
    },
    app::malformed,
    exchange::{account_name, fresh_login, no_service_account, proposed, role_group},
    rules::{Found, Rules, Slip, bare, private},
    typed::{Answers, field::*},
};

/// The answers after a failed attempt. The app and the test mailbox are kept, and so are the names, unless the cause
/// uses them up: then the account, its login and the role group are to be new ones.
pub(super) fn after(answers: Answers, earlier: &PasswordSettings, attempt: i64, renewal: Renewal) -> Answers {
    let answers = proposed(answers, attempt)
        .with(CLIENT_ID, earlier.client_id.as_ref().map(Guid::as_str).unwrap_or_default())
        .with(TEST_MAILBOX, earlier.test_mailbox.as_str());
    if renewal == Renewal::Names {
        return answers.with(SERVICE_ACCOUNT, earlier.service_account.numbered(attempt));
    }
    answers
        .with(SERVICE_ACCOUNT, earlier.service_account.as_str())
        .with(ACCOUNT_NAME, earlier.names.account.as_str())
        .with(ROLE_GROUP, earlier.names.role_group.as_str())
}

/// Reads them; `None` when something is wrong, which is then among what was found.
pub(super) fn read(answers: &Answers, rules: &Rules<'_>, found: &mut Found) -> Option<PasswordSettings> {
    let account = found.take(ACCOUNT_NAME, account_name(answers, rules));
    let login = found.take(SERVICE_ACCOUNT, login(answers, rules));
    let role_group = found.take(ROLE_GROUP, role_group(answers, rules));
    let client_id = found.take(CLIENT_ID, client_id(answers));
    let mailbox = rules.mailbox(answers.text(TEST_MAILBOX));
    let mailbox = mailbox.and_then(|mailbox| no_service_account(mailbox, login.as_ref()));
    let test_mailbox = found.take(TEST_MAILBOX, mailbox);
    Some(PasswordSettings {
        service_account: login?,
        client_id: client_id?,
        test_mailbox: test_mailbox?,
        names: ExchangeNames { account: account?, role_group: role_group? },
    })
}

fn login(answers: &Answers, rules: &Rules<'_>) -> Result<Login, Slip> {
    let login = Login::parse(answers.text(SERVICE_ACCOUNT)).map_err(|problem| problem.sentence())?;
    let Some(domain) = login.as_address().map(|address| address.domain()) else {
        return Err("Write the login as name@your-domain.com: Microsoft 365 takes no DOMAIN\\name".into());
    };
    if domain.is_consumer() {
        return Err(private("an account", &domain));
    }
    if !rules.brokerage.may_check_domain(&domain) {
        return Err(rules.outside("Enter an account", &domain));
    }
    fresh_login(login, rules)
}

fn client_id(answers: &Answers) -> Result<Option<Guid>, Slip> {
    let text = bare(answers.text(CLIENT_ID));
    if text.is_empty() {
        return Ok(None);
    }
    let slip = || malformed("Application (client) ID", ". Or leave this empty");
    Guid::parse(text).map(Some).ok_or_else(slip)
}
