//! Opening a listener: the socket, and the certificate where the site itself ends TLS.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::config::{AddressRange, Site, TlsFiles};

use super::{gate::Hosts, limits::Limits};

/// An open listener. `serve` answers on it.
pub struct Door {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) hosts: Hosts,
    pub(super) proxies: Vec<AddressRange>,
    pub(super) limits: Limits,
}

/// Why a listener could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The address is taken, or not ours.
    #[error("cannot listen on {0}: {1}")]
    Address(SocketAddr, io::Error),
    /// A file of the certificate is missing or no PEM.
    #[error("cannot use {0}: {1}")]
    File(String, String),
    /// Certificate and key do not belong together, or are of a kind we do not use.
    #[error("the certificate cannot be used: {0}")]
    Certificate(#[from] rustls::Error),
}

impl Door {
    /// Opens the listener of a site. Errs when the address is taken or the certificate's files are no good.
    pub async fn open(site: &Site, limits: Limits) -> Result<Self, NotOpened> {
        let tls = site.tls.as_ref().map(acceptor).transpose()?;
        let listener =
            TcpListener::bind(site.listen).await.map_err(|error| NotOpened::Address(site.listen, error))?;
        let port = listener.local_addr().map_err(|error| NotOpened::Address(site.listen, error))?.port();
        let hosts = Hosts::new(site.public_url.clone(), port);
        Ok(Self { listener, tls, hosts, proxies: site.trusted_proxies.clone(), limits })
    }

    /// Where it listens: the real port when the setting said 0. Errs when the socket is gone.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, NotOpened> {
    let chain = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(&files.cert, error))?;
    private(&files.key)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unusable(&files.key, error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A key that everybody on the machine can read is no longer a secret.
fn private(path: &Path) -> Result<(), NotOpened> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_err(|error| unusable(path, error))?.permissions().mode();
    if mode & 0o007 == 0 {
        return Ok(());
    }
    Err(unusable(path, "everybody on this machine may read it; run chmod o-rwx on it"))
}

fn unusable(path: &Path, why: impl std::fmt::Display) -> NotOpened {
    NotOpened::File(path.display().to_string(), why.to_string())
}
