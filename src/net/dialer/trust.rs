//! Whether a presented chain is trusted, and if not, why: one judgement for both ways of shaking hands.

use std::{collections::BTreeSet, sync::Arc};

use rustls::{
    CertificateError, Error, RootCertStore,
    client::{verify_server_cert_signed_by_trust_anchor, verify_server_name},
    crypto::WebPkiSupportedAlgorithms,
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use x509_parser::{prelude::FromDer, x509::X509Name};

use crate::{
    domain::exchange::CertificatePin,
    net::{failure::TlsProblem, guard::HostName},
};

use super::certificate::{CertificateFacts, fingerprint, organisations, parsed};

/// Organisations that issue public certificates and name themselves differently than the roots above them do.
const ISSUERS: &[&str] = &[
    "Let's Encrypt",
    "ZeroSSL",
    "ZeroSSL GmbH",
    "Google Trust Services",
    "COMODO CA Limited",
    "Gandi",
    "Gandi SAS",
    "Network Solutions L.L.C.",
    "cPanel, Inc.",
    "cPanel, LLC",
    "Corporation Service Company",
    "Internet2",
    "GEANT Vereniging",
    "GeoTrust Inc.",
    "DigiCert, Inc.",
    "Microsoft Corporation",
    "SSL Corp",
    "TrustAsia Technologies, Inc.",
    "Entrust, Inc.",
    "Trustwave Holdings, Inc.",
];

/// The authorities we trust, and what tells a public issuer from a private one.
pub(super) struct Trust {
    roots: Arc<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
    organisations: BTreeSet<String>,
}

/// What a chain came to.
pub(super) struct Judgement {
    /// The leaf, when it could be read.
    pub(super) facts: Option<CertificateFacts>,
    /// Whether it is trusted.
    pub(super) verdict: Result<Trusted, TlsProblem>,
}

/// Says that a chain was trusted. Only the judgement makes one.
pub(super) struct Trusted {
    by_pin: bool,
}

impl Trusted {
    /// Whether because of a pin.
    pub(super) const fn by_pin(&self) -> bool {
        self.by_pin
    }
}

impl Trust {
    pub(super) fn new(roots: Arc<RootCertStore>, algorithms: WebPkiSupportedAlgorithms) -> Self {
        let subjects = roots.subjects();
        let ours = subjects.iter().filter_map(|subject| X509Name::from_der(subject.as_ref()).ok());
        let mut organisations: BTreeSet<String> =
            ours.flat_map(|(_, name)| organisations(&name).map(str::to_owned).collect::<Vec<_>>()).collect();
        organisations.extend(ISSUERS.iter().map(|name| (*name).to_owned()));
        Self { roots, algorithms, organisations }
    }

    /// Judges a chain, leaf first. With a pin only the pinned certificate, or what the pinned issuer has signed, is
    /// trusted; name and dates hold all the same.
    pub(super) fn judge(
        &self,
        chain: &[CertificateDer<'_>],
        host: &HostName,
        pin: Option<&CertificatePin>,
        now: UnixTime,
    ) -> Judgement {
        let Some(facts) = CertificateFacts::read(chain) else {
            return Judgement { facts: None, verdict: Err(TlsProblem::Other) };
        };
        let judged = match pin {
            None => self.signed(&self.roots, chain, now),
            Some(pin) => self.pinned(chain, pin, now),
        };
        let judged = judged.and_then(|()| named(chain, host));
        let verdict = judged
            .map(|()| Trusted { by_pin: pin.is_some() })
            .map_err(|flaw| self.problem(&flaw, chain, &facts));
        Judgement { facts: Some(facts), verdict }
    }

    fn signed(&self, roots: &RootCertStore, chain: &[CertificateDer<'_>], now: UnixTime) -> Result<(), Flaw> {
        let [leaf, between @ ..] = chain else { return Err(Flaw::Unpinned) };
        let leaf = ParsedCertificate::try_from(leaf)?;
        verify_server_cert_signed_by_trust_anchor(&leaf, roots, between, now, self.algorithms.all)?;
        Ok(())
    }

    fn pinned(&self, chain: &[CertificateDer<'_>], pin: &CertificatePin, now: UnixTime) -> Result<(), Flaw> {
        let at = chain.iter().position(|der| fingerprint(der) == pin.as_hex()).ok_or(Flaw::Unpinned)?;
        let pinned = &chain[at];
        in_time(pinned, now)?;
        if at == 0 {
            return Ok(());
        }
        let mut only = RootCertStore::empty();
        let authority = parsed(pinned).is_some_and(|certificate| certificate.is_ca());
        if !authority || only.add(pinned.clone().into_owned()).is_err() {
            return Err(Flaw::Unpinned);
        }
        self.signed(&only, chain, now).map_err(|flaw| match flaw {
            Flaw::Library(Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            )) => Flaw::Unpinned,
            flaw => flaw,
        })
    }

    fn problem(&self, flaw: &Flaw, chain: &[CertificateDer<'_>], facts: &CertificateFacts) -> TlsProblem {
        use CertificateError as Wrong;
        match flaw {
            Flaw::Unpinned => TlsProblem::NotPinned,
            Flaw::Library(Error::InvalidCertificate(wrong)) => match wrong {
                Wrong::Expired | Wrong::ExpiredContext { .. } => TlsProblem::Expired,
                Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => TlsProblem::NotYetValid,
                Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } if facts.names.is_empty() => {
                    TlsProblem::NoSan
                }
                Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => TlsProblem::NameMismatch,
                // An authority's own certificate on a web site is reported before it is known who signed it.
                _ if facts.self_signed => TlsProblem::SelfSigned,
                Wrong::UnknownIssuer if self.lacks_a_public_issuer(chain) => TlsProblem::ChainIncomplete,
                Wrong::UnknownIssuer | Wrong::BadSignature => TlsProblem::PrivateCa,
                _ => TlsProblem::Other,
            },
            Flaw::Library(_) => TlsProblem::Other,
        }
    }

    /// Whether the leaf's issuer is a public authority and was not sent along.
    fn lacks_a_public_issuer(&self, chain: &[CertificateDer<'_>]) -> bool {
        let [leaf, between @ ..] = chain else { return false };
        let Some(leaf) = parsed(leaf) else { return false };
        let sent = |der: &CertificateDer<'_>| {
            parsed(der).is_some_and(|above| above.subject().as_raw() == leaf.issuer().as_raw())
        };
        let public = organisations(leaf.issuer()).any(|name| self.organisations.contains(name));
        public && !between.iter().any(sent)
    }
}

/// What is wrong with a chain, before it has its name.
enum Flaw {
    Library(Error),
    Unpinned,
}

impl From<Error> for Flaw {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

/// Whether a leaf is for this host. A common name counts for nothing.
fn named(chain: &[CertificateDer<'_>], host: &HostName) -> Result<(), Flaw> {
    let leaf = chain.first().ok_or(Flaw::Unpinned)?;
    let name = ServerName::try_from(host.as_str()).map_err(|_| CertificateError::NotValidForName);
    let name = name.map_err(Error::InvalidCertificate)?;
    verify_server_name(&ParsedCertificate::try_from(leaf)?, &name)?;
    Ok(())
}

/// Whether a pinned certificate holds now: the library does not look at the dates of what it is told to trust.
fn in_time(der: &CertificateDer<'_>, now: UnixTime) -> Result<(), Flaw> {
    let certificate =
        parsed(der).ok_or(Flaw::Library(Error::InvalidCertificate(CertificateError::BadEncoding)))?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let validity = certificate.validity();
    match () {
        () if now > validity.not_after.timestamp() => Err(CertificateError::Expired),
        () if now < validity.not_before.timestamp() => Err(CertificateError::NotValidYet),
        () => Ok(()),
    }
    .map_err(|wrong| Flaw::Library(Error::InvalidCertificate(wrong)))
}
