//! Our own service account at Google: its key, and the number that offices are told.

use super::{Finding, Findings};
use crate::{
    app::outside,
    config::Settings,
    domain::kind::{AccessKind, Availability},
};

const WHAT: &str = "google";

pub(super) fn look(settings: &Settings, findings: &mut Findings) {
    let told = settings.about.google_client_id.as_deref();
    let closed = settings.kinds.availability(AccessKind::GoogleDelegated) == Availability::Closed;
    findings.add(match (outside::google_key(settings), told) {
        (Err(problem), _) => {
            Finding::red(WHAT, problem.to_string(), "put the key file of your service account there")
        }
        (Ok(Some(key)), Some(told)) if key.account().client_id != told => Finding::red(
            WHAT,
            format!("offices are told {told}, and the key is that of {}", key.account().client_id),
            "set [about] google_client_id to the number of the service account whose key is used",
        ),
        (Ok(Some(key)), None) => Finding::red(
            WHAT,
            "there is a key, and offices are not told which number they delegate to",
            format!("set [about] google_client_id = \"{}\"", key.account().client_id),
        ),
        (Ok(Some(key)), Some(_)) => {
            let account = key.account();
            Finding::good(WHAT, format!("checks sign in as {}, number {}", account.email, account.client_id))
        }
        (Ok(None), _) if closed => Finding::good(WHAT, "no office may delegate to us, and there is no key"),
        (Ok(None), Some(_)) => Finding::note(
            WHAT,
            "offices may delegate to our service account, and its key is not on this machine",
            "set [google] key_file if this is a worker's machine",
        ),
        (Ok(None), None) => Finding::note(
            WHAT,
            "offices of Google Workspace cannot delegate to us: there is no service account",
            "set [google] key_file and [about] google_client_id, or close the kind: [kinds] google_delegated = \"closed\"",
        ),
    });
}
