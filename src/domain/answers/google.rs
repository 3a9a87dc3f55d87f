//! The forms of Google Workspace: a test mailbox, and for an office's own service account its key file.

use super::{
    super::{
        address::MailAddress,
        credential::CredentialSettings,
        google::{GoogleDelegatedSettings, GoogleKeySettings, ServiceAccount},
        naming,
        renewal::Renewal,
    },
    rules::{Found, Rules, Slip, used_name},
    typed::{Answers, field::*},
};

/// Reads the form of the delegation to our own service account; `None` when something is wrong, which is then among
/// what was found.
pub(super) fn read_delegated(
    answers: &Answers,
    rules: &Rules<'_>,
    found: &mut Found,
) -> Option<GoogleDelegatedSettings> {
    let mailbox = rules.mailbox(answers.text(TEST_MAILBOX)).and_then(|mailbox| of_their_own(mailbox, rules));
    let test_mailbox = found.take(TEST_MAILBOX, mailbox)?;
    Some(GoogleDelegatedSettings { test_mailbox })
}

/// Our one service account may act in every office that allows it, so that it may says nothing about who asks. What
/// shows that the office is theirs is the domain that they have proven, also once they are accepted.
fn of_their_own(mailbox: MailAddress, rules: &Rules<'_>) -> Result<MailAddress, Slip> {
    let (domain, proven) = (mailbox.domain(), &rules.brokerage.proven_domain);
    if domain.is_within(proven) {
        return Ok(mailbox);
    }
    Err(Slip::of(
        "form_domain_mismatch",
        format!(
            "Enter a mailbox of {proven}: nothing secret is handed over here, so only the domain of your own address shows that the office is yours, and not {domain}. Ask us if your office has several"
        ),
    ))
}

/// The same of a service account of the office's own. Whose key it is was read from the file when it was sealed; while
/// there is none, the field of the secret says so.
pub(super) fn read_key(answers: &Answers, rules: &Rules<'_>, found: &mut Found) -> Option<GoogleKeySettings> {
    let account = answers.sealed_account().map(|account| fresh(account, rules));
    let account = account.and_then(|account| found.take(SERVICE_ACCOUNT_KEY, account));
    let test_mailbox = found.take(TEST_MAILBOX, rules.mailbox(answers.text(TEST_MAILBOX)));
    Some(GoogleKeySettings { account: account?, test_mailbox: test_mailbox? })
}

const fn account(settings: &CredentialSettings) -> Option<&ServiceAccount> {
    match settings {
        CredentialSettings::GoogleKey(settings) => Some(&settings.account),
        _ => None,
    }
}

/// Refuses the key of an earlier attempt that was used up, and the account of one that was.
fn fresh(given: ServiceAccount, rules: &Rules<'_>) -> Result<ServiceAccount, String> {
    let same_account =
        |settings: &CredentialSettings| account(settings).is_some_and(|one| one.email == given.email);
    if let Some(used) = rules.used_up(Renewal::Names, same_account) {
        let proposal = naming::app_name(rules.attempt).to_lowercase();
        return Err(used_name(&given.email, used.attempt, &proposal, "new service account"));
    }
    let same_key =
        |settings: &CredentialSettings| account(settings).is_some_and(|one| one.key_id == given.key_id);
    match rules.used_up(Renewal::Secret, same_key) {
        Some(used) => Err(format!(
            "This is the key of attempt {}. Create a new key for the service account and choose its file",
            used.attempt
        )),
        None => Ok(given),
    }
}
