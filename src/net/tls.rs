//! Whom we trust and how we encrypt: TLS 1.2 and 1.3, the public authorities, and those the settings add.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::settings::{ExtraRoot, SettingsProblem};

/// A client configuration without client certificates and without any way round verification.
///
/// Errs when an extra root cannot be read.
pub fn client_config(extra: &[ExtraRoot]) -> Result<ClientConfig, SettingsProblem> {
    config_with(Arc::new(roots(extra)?))
}

/// The same with this authority and no other.
pub(super) fn config_of(authority: &ExtraRoot) -> Result<ClientConfig, SettingsProblem> {
    config_with(Arc::new(with_all(RootCertStore::empty(), std::slice::from_ref(authority))?))
}

pub(super) fn config_with(roots: Arc<RootCertStore>) -> Result<ClientConfig, SettingsProblem> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|_| SettingsProblem::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

pub(super) fn roots(extra: &[ExtraRoot]) -> Result<RootCertStore, SettingsProblem> {
    with_all(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }, extra)
}

fn with_all(mut store: RootCertStore, extra: &[ExtraRoot]) -> Result<RootCertStore, SettingsProblem> {
    for root in extra {
        let (origin, read) = match root {
            ExtraRoot::File(path) => (path.display().to_string(), std::fs::read(path).unwrap_or_default()),
            ExtraRoot::Pem(text) => ("extra_roots".to_owned(), text.clone().into_bytes()),
        };
        let before = store.len();
        for certificate in CertificateDer::pem_slice_iter(&read) {
            let added = certificate.ok().and_then(|der| store.add(der).ok());
            added.ok_or_else(|| SettingsProblem::Root { origin: origin.clone() })?;
        }
        if store.len() == before {
            return Err(SettingsProblem::Root { origin });
        }
    }
    Ok(store)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extra_root_must_be_a_certificate() {
        assert!(client_config(&[]).is_ok());
        for wrong in [ExtraRoot::Pem("nothing".to_owned()), ExtraRoot::File("/nowhere/ca.pem".into())] {
            let problem = client_config(&[wrong]).expect_err("refused").to_string();
            assert!(problem.contains("holds no certificate"), "{problem}");
        }
    }
}
