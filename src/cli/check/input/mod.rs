//! The input file of `check`: a credential and, for tests and the demo, a network.

mod app;
mod certificate;
mod exchange;
mod google;
mod microsoft365;
mod network;
mod source;

use std::path::Path;

use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::{
    domain::{
        cause::Names,
        credential::Credential,
        google::{GoogleDelegatedSettings, GoogleKeySettings},
        kind::AccessKind,
        naming,
    },
    verification::{NetSettings, SigningKey},
};

pub use source::InputProblem;
use source::Source;

/// What was read.
pub(super) struct Input {
    pub(super) read: Read,
    /// Our own key of Google, for the kind that delegates to it.
    pub(super) own_key: Option<SigningKey>,
    pub(super) names: Names,
    pub(super) network: NetSettings,
}

/// A credential, or what is wrong with it before anything is sent.
#[expect(clippy::large_enum_variant, reason = "one is made in a whole run of the command")]
pub(super) enum Read {
    Credential(Credential),
    Finding(&'static str),
}

/// Reads the file of a credential of this kind. Errs with the line of a name or value that cannot be.
pub(super) fn read(path: &Path, kind: AccessKind, today: Date) -> Result<Input, InputProblem> {
    let unreadable = |source| InputProblem::Unreadable { path: path.to_owned(), source };
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    let source = Source { path, text: &text };
    let mut own_key = None;
    let (read, names, network) = match kind {
        AccessKind::ExchangeBasic => {
            let exchange::ExchangeInput { settings, password, network } = exchange::read(&source)?;
            let names = Names::of_exchange(&settings);
            (Read::Credential(Credential::ExchangeBasic { settings, password }), names, network)
        }
        AccessKind::GraphCertificate => {
            let certificate::CertificateInput { settings, proof, network } = certificate::read(&source)?;
            let names = Names::of_app(&settings);
            let read = match proof {
                Err(cause) => Read::Finding(cause),
                Ok(proof) => Read::Credential(Credential::Graph { settings, proof }),
            };
            (read, names, network)
        }
        AccessKind::Microsoft365Password => {
            let microsoft365::PasswordInput { settings, password, network } = microsoft365::read(&source)?;
            let names = Names::of_microsoft365(&settings);
            (Read::Credential(Credential::Microsoft365Password { settings, password }), names, network)
        }
        AccessKind::GraphSecret | AccessKind::EwsSecret => {
            let app::AppInput { settings, proof, network } = app::read(&source, kind, today)?;
            let names = Names::of_app(&settings.app);
            let read = match (proof, kind) {
                (Err(cause), _) => Read::Finding(cause),
                (Ok(proof), AccessKind::EwsSecret) => {
                    Read::Credential(Credential::EwsSecret { settings, proof })
                }
                (Ok(proof), _) => Read::Credential(Credential::Graph { settings: settings.app, proof }),
            };
            (read, names, network)
        }
        AccessKind::GoogleDelegated | AccessKind::GoogleKey => {
            let google::GoogleInput { test_mailbox, key, network } = google::read(&source)?;
            let names = Names::of_mailbox(&test_mailbox);
            let (account, key) = match key {
                Ok(read) => read,
                Err(cause) => return Ok(whole(Read::Finding(cause), None, names, network)),
            };
            let names = names.delegated_to(Some(&account.client_id));
            if kind == AccessKind::GoogleDelegated {
                own_key = SigningKey::open(&key);
                let settings = GoogleDelegatedSettings { test_mailbox };
                (Read::Credential(Credential::GoogleDelegated { settings }), names, network)
            } else {
                let settings = GoogleKeySettings { account, test_mailbox };
                let names = Names::of_google_key(&settings);
                (Read::Credential(Credential::GoogleKey { settings, key }), names, network)
            }
        }
    };
    Ok(whole(read, own_key, names, network))
}

/// What texts of the catalogue are filled with where the file could not be read to its end.
pub(super) fn names_of_nothing() -> Names {
    let read = Names { app_name: naming::app_name(1), ..Names::default() };
    whole(Read::Finding(""), None, read, NetSettings::default()).names
}

fn whole(read: Read, own_key: Option<SigningKey>, names: Names, network: NetSettings) -> Input {
    let names = Names {
        group: naming::group_name(1),
        policy: naming::policy_name(1),
        egress: "the addresses that MoxiWorks names to you".to_owned(),
        support: "your contact at MoxiWorks".to_owned(),
        ..names
    };
    Input { read, own_key, names, network }
}
