//! The key files: there, readable by their owner alone, fitting each other.

use super::{Finding, Findings};
use crate::{
    cli::settings::key_files,
    clock::Randomness,
    config::Settings,
    domain::audit::Checkpoint,
    vault::{
        KeyFileError, Vault,
        audit_head::AuditHead,
        audit_key::AuditPublicKeys,
        files::{Holds, KeyFiles},
    },
};

/// The keys that this machine holds, as far as they can be read.
pub(super) struct Keys {
    /// What a process here could hold.
    pub(super) vault: Option<Vault>,
    /// Who signs the audit.
    pub(super) audit: Option<AuditPublicKeys>,
    /// What this machine signed last of it.
    pub(super) signed: Option<Checkpoint>,
}

pub(super) fn look(settings: &Settings, findings: &mut Findings) -> Keys {
    let files = key_files(settings);
    let randomness = Randomness::system();
    let sealing = files.open(Holds::SealingKeys, &randomness);
    findings.add(match &sealing {
        Ok(_) => Finding::good("keys", "secrets can be sealed and settings encrypted"),
        Err(error) => Finding::red(
            "keys",
            error.to_string(),
            mend(error, "`keys new` makes the files of a new installation"),
        ),
    });
    let opening = files.private_keys.exists().then(|| files.open(Holds::OpeningKeys, &randomness));
    findings.add(match &opening {
        Some(Ok(_)) => {
            Finding::good("private keys", "this machine can open secrets: only the worker's should")
        }
        Some(Err(error)) => {
            Finding::red("private keys", error.to_string(), mend(error, "put the files back from their copy"))
        }
        None => Finding::note(
            "private keys",
            "not on this machine: it can run portal and staff, not the worker",
            "copy private.keys here if this is the worker's machine",
        ),
    });
    let audit = audit_key(&files, findings);
    let signed = audit_head(&files, findings);
    Keys { vault: opening.and_then(Result::ok).or(sealing.ok()), audit, signed }
}

/// What the sealer holds the chain against, where this machine seals.
fn audit_head(files: &KeyFiles, findings: &mut Findings) -> Option<Checkpoint> {
    let file = files.audit_head.display();
    match AuditHead::at(files.audit_head.clone()).read() {
        Ok(Some(head)) => {
            findings.add(Finding::good("audit head", format!("this machine remembers row {}", head.seq)));
            Some(head)
        }
        Ok(None) if !files.audit_key.exists() => None,
        Ok(None) => {
            findings.add(Finding::note(
                "audit head",
                format!("{file} is not there: the sealer takes the chain as it finds it"),
                "nothing: the next sealing makes it, where this user may write there",
            ));
            None
        }
        Err(error) => {
            let to_do = "see who changed it; nothing is sealed here until it is put back or taken away";
            findings.add(Finding::red("audit head", error.to_string(), to_do));
            None
        }
    }
}

fn audit_key(files: &KeyFiles, findings: &mut Findings) -> Option<AuditPublicKeys> {
    if !files.audit_public_keys.exists() {
        findings.add(Finding::note(
            "audit key",
            format!(
                "{} is not here: the audit is neither sealed nor verified here",
                files.audit_public_keys.display()
            ),
            "`keys new` makes the audit key; copy both files to a worker, the public one to whoever verifies",
        ));
        return None;
    }
    match files.read_audit_public() {
        Ok(keys) => {
            let here =
                if files.audit_key.exists() { "seals and verifies" } else { "verifies, and does not seal," };
            let text = format!("this machine {here} the audit; current key {}", keys.current().id());
            findings.add(Finding::good("audit key", text));
            Some(keys)
        }
        Err(error) => {
            let to_do = mend(&error, "put the file back from its copy");
            findings.add(Finding::red("audit key", error.to_string(), to_do));
            None
        }
    }
}

/// What helps against a fault of a key file.
fn mend(error: &KeyFileError, else_do: &str) -> String {
    match error {
        KeyFileError::Exposed { path, .. } => {
            format!("chmod 600 {}, and see who could have read it", path.display())
        }
        KeyFileError::Line { .. } | KeyFileError::Whole { .. } | KeyFileError::Unpaired { .. } => {
            "put the file back from its copy".to_owned()
        }
        _ => else_do.to_owned(),
    }
}
