//! The input file of `check`: a credential and, for tests and the demo, a network.

mod app;
mod certificate;
mod exchange;
mod network;
mod source;

use std::path::Path;

use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::{
    domain::{cause::Names, credential::Credential, kind::AccessKind, naming},
    verification::NetSettings,
};

pub use source::InputProblem;
use source::Source;

/// What was read.
pub(super) struct Input {
    pub(super) read: Read,
    pub(super) names: Names,
    pub(super) network: NetSettings,
}

/// A credential, or what is wrong with it before anything is sent.
pub(super) enum Read {
    Credential(Credential),
    Finding(&'static str),
}

/// Reads the file of a credential of this kind. Errs with the line of a name or value that cannot be.
pub(super) fn read(path: &Path, kind: AccessKind, today: Date) -> Result<Input, InputProblem> {
    let unreadable = |source| InputProblem::Unreadable { path: path.to_owned(), source };
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    let source = Source { path, text: &text };
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
    };
    let names = Names {
        group: naming::group_name(1),
        egress: "the addresses that MoxiWorks names to you".to_owned(),
        support: "your contact at MoxiWorks".to_owned(),
        ..names
    };
    Ok(Input { read, names, network })
}
