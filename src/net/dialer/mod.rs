//! The way to hosts that customers name, phase by phase, so that each can be timed and told.
//!
//! A name is [`Resolved`], then [`Connected`], then [`Secured`]; only then can anything be sent. Each phase consumes
//! the one before. A credential is attached by one function, which demands the proof that only a trusted handshake
//! leads to. Redirects are answers; nothing is followed, kept or negotiated.
//!
//! | file | holds |
//! |---|---|
//! | `phases` | a name with its addresses, a connection to one of them |
//! | `secured` | the secured connection and the calls over it |
//! | `line` | one address, dialled and secured, the first time and again |
//! | `handshake` | TLS, with the presented certificate kept whatever comes of it |
//! | `legacy`, `flight`, `ear` | TLS with old servers, what they say first, and how it is heard |
//! | `trust` | whether a chain is trusted, and if not, why |
//! | `certificate` | what a certificate says of itself |
//! | `proof`, `credential` | the proof, and the credential that demands it |
//! | `call` | one call and its answer, within the caps |

mod call;
mod certificate;
mod credential;
mod ear;
mod flight;
mod handshake;
mod legacy;
mod line;
mod phases;
mod proof;
mod secured;
mod trust;

use std::sync::Arc;

use http::{HeaderMap, Method};
use rustls::RootCertStore;
use tokio::time::timeout;

pub use call::{Call, PlainAnswer};
pub use certificate::CertificateFacts;
pub use credential::Authorization;
pub use handshake::TlsFacts;
pub use line::Unsecured;
pub use phases::{Connected, Resolved};
pub use proof::SecuredTo;
pub use secured::{Secured, Way};

use super::{
    caps::Caps,
    failure::{Failure, TcpProblem},
    guard::HostName,
    resolver::Service,
    route::Route,
};

use self::{
    call::{Lost, Wire, request},
    line::{Gear, connected},
};

/// Dials hosts that customers name. Cheap to clone.
#[derive(Clone)]
pub struct Dialer {
    gear: Arc<Gear>,
}

impl Dialer {
    pub(super) fn new(route: Arc<Route>, roots: Arc<RootCertStore>, caps: Caps) -> Self {
        Self { gear: Arc::new(Gear::new(route, roots, caps)) }
    }

    /// Looks a name up.
    ///
    /// Errs when there is no address, and when any single one is not public.
    pub async fn resolve(&self, host: &HostName) -> Result<Resolved, Failure> {
        let addresses = self.gear.route.resolver.addresses(host).await?;
        Ok(Resolved { gear: Arc::clone(&self.gear), host: host.clone(), addresses })
    }

    /// The hosts that a mail domain tells for autodiscover (`_autodiscover._tcp`), those for HTTPS only, the most
    /// preferred first. Empty when there is none.
    ///
    /// Errs when the name server fails or is silent.
    pub async fn services(&self, domain: &HostName) -> Result<Vec<Service>, Failure> {
        self.gear.route.resolver.services("_autodiscover._tcp", domain).await
    }

    /// Asks over plain HTTP where a path leads. Only status and target are read; a credential cannot be sent, because
    /// this call takes none.
    ///
    /// Errs with the layer that failed.
    pub async fn ask_plain(&self, host: &HostName, path: &str) -> Result<PlainAnswer, Failure> {
        let asked = Box::pin(self.asked_plainly(host, path));
        timeout(self.gear.caps.call, asked).await.unwrap_or(Err(Failure::HttpTimeout))
    }

    async fn asked_plainly(&self, host: &HostName, path: &str) -> Result<PlainAnswer, Failure> {
        let call =
            Call { method: Method::GET, path: path.to_owned(), headers: HeaderMap::new(), body: Vec::new() };
        let request = request(host, &call)?;
        let checked = self.gear.route.resolver.addresses(host).await?;
        let targets = self.gear.route.dial.targets(&checked, 80)?;
        let target = targets.into_iter().next().ok_or(Failure::NotMapped)?;
        let stream = timeout(self.gear.caps.connect, connected(target)).await;
        let stream = stream.unwrap_or(Err(TcpProblem::Timeout)).map_err(Failure::Tcp)?;
        let answered = Wire::over(stream).await?.head(request, &self.gear.caps).await;
        answered.map(|answered| PlainAnswer::of(&answered)).map_err(|lost| match lost {
            Lost::Unsent => Failure::Truncated,
            Lost::Failed(failure) => failure,
        })
    }
}
