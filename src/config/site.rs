//! `[portal]` and `[staff]`: where a site listens and under which address people open it.

use std::{net::SocketAddr, path::PathBuf};

use super::{
    public_url::{AddressRange, PublicUrl},
    section::Section,
};

/// One site and its listener.
#[derive(Debug, Clone)]
pub struct Site {
    /// Address and port the site listens on. Default: `127.0.0.1:8080` for the portal, `127.0.0.1:8081` for staff.
    pub listen: SocketAddr,
    /// The address people open; mails and redirects are built from it, never from what a request says.
    /// Default: `http://` and `listen`, while that is this machine's own address.
    pub public_url: PublicUrl,
    /// Certificate chain and key the site itself uses. Default: none, TLS ends at a proxy.
    pub tls: Option<TlsFiles>,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Default: none.
    pub trusted_proxies: Vec<AddressRange>,
}

/// The two files of a certificate, PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The chain, own certificate first.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Site {
    pub(super) fn read(mut section: Section<'_>, port: u16) -> Option<Self> {
        let listen = section
            .parsed("listen", "an address and a port, such as 127.0.0.1:8080", |text| text.parse().ok())
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], port)));
        let tls = tls_files(&mut section);
        let trusted_proxies = section
            .list("trusted_proxies", "an address or a range, such as 10.0.0.0/8", AddressRange::parse)
            .unwrap_or_default();
        let public_url = public_url(&mut section, listen, tls.is_some(), !trusted_proxies.is_empty());
        section.close();
        Some(Self { listen, public_url: public_url?, tls, trusted_proxies })
    }
}

fn tls_files(section: &mut Section<'_>) -> Option<TlsFiles> {
    match (section.path("tls_cert_file"), section.path("tls_key_file")) {
        (Some(cert), Some(key)) => Some(TlsFiles { cert, key }),
        (None, None) => None,
        (cert, _) => {
            let missing = if cert.is_some() { "tls_key_file" } else { "tls_cert_file" };
            section.complain(
                None,
                missing,
                "is missing: `tls_cert_file` and `tls_key_file` are set together or not at all",
            );
            None
        }
    }
}

fn public_url(section: &mut Section<'_>, listen: SocketAddr, tls: bool, proxied: bool) -> Option<PublicUrl> {
    const WHAT: &str = "scheme and host without a path, such as https://connect.lakeshore.example";
    if !section.has("public_url") {
        let _ = section.text("public_url");
        let own = PublicUrl::parse(&format!("http://{listen}")).filter(PublicUrl::is_loopback);
        if own.is_none() || tls || proxied {
            section.complain(None, "public_url", format!("is missing: it must be {WHAT}"));
            return None;
        }
        return own;
    }
    let (url, place) = section.placed("public_url", WHAT, PublicUrl::parse)?;
    let wrong = match (url.is_secure(), tls, proxied) {
        (false, true, _) => "must start with https:// because `tls_cert_file` is set",
        (false, _, _) if !url.is_loopback() => {
            "must start with https://: without it a credential would travel in the clear (http is for this machine alone)"
        }
        (true, false, false) => {
            "is https, so either `tls_cert_file` and `tls_key_file` or the proxy that ends TLS, in `trusted_proxies`, must be set"
        }
        _ => return Some(url),
    };
    section.complain(Some(place), "public_url", format!("`public_url` {wrong}"));
    None
}
