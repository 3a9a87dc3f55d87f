//! The third phase: a connection whose other end has proven to be the host.

use std::net::IpAddr;

use http::Request;
use tokio::time::timeout;

use crate::{
    domain::exchange::CertificatePin,
    net::{answer::Answer, failure::Failure},
};

use super::{
    call::{Body, Call, Lost, Wire, request},
    certificate::CertificateFacts,
    credential::{Authorization, attach},
    handshake::{TlsFacts, Verified},
    line::{Line, Unsecured},
    proof::SecuredTo,
    trust::Trusted,
};

/// A secured connection to one address of one host.
pub struct Secured {
    line: Line,
    pin: Option<CertificatePin>,
    tls: TlsFacts,
    certificate: CertificateFacts,
    trusted: Trusted,
    wire: Option<Wire>,
}

/// Leads again to the address that was looked at, under the same demands: what was secured in a modern way is never
/// secured in an old one again, so that nobody in between can bring that about.
#[derive(Clone)]
pub struct Way {
    line: Line,
    pin: Option<CertificatePin>,
    legacy: bool,
}

impl Way {
    /// Opens one more connection. Errs with the layer that failed.
    pub async fn open(&self) -> Result<Secured, Failure> {
        let verified = self.line.secure_again(self.pin.as_ref(), self.legacy).await;
        let verified = verified.map_err(|lost| lost.failure)?;
        Secured::by(self.line.clone(), self.pin.clone(), verified).await.map_err(|lost| lost.failure)
    }
}

impl Secured {
    pub(super) async fn by(
        line: Line,
        pin: Option<CertificatePin>,
        verified: Verified,
    ) -> Result<Self, Unsecured> {
        let Verified { stream, tls, certificate, trusted } = verified;
        let lost = |failure| Unsecured { failure, certificate: None };
        let wire = Some(Wire::over(stream).await.map_err(lost)?);
        Ok(Self { line, pin, tls, certificate, trusted, wire })
    }

    /// How the connection is secured.
    pub const fn tls(&self) -> &TlsFacts {
        &self.tls
    }

    /// The certificate by which the host has proven itself.
    pub const fn certificate(&self) -> &CertificateFacts {
        &self.certificate
    }

    /// The address that was looked at and dialled.
    pub const fn address(&self) -> IpAddr {
        self.line.address
    }

    /// The proof that this connection is secured to its host.
    pub const fn proof(&self) -> SecuredTo<'_> {
        SecuredTo::by(&self.line.host, self.line.address, &self.trusted)
    }

    /// The way by which this connection came about, for more of them.
    pub fn way(&self) -> Way {
        Way { line: self.line.clone(), pin: self.pin.clone(), legacy: self.tls.legacy }
    }

    /// Makes one call without a credential and reads its whole answer. A redirect is an answer like any other.
    ///
    /// Errs with the layer that failed. When the server has closed the connection since the last call, the same address
    /// is dialled again, and held to the same demands.
    pub async fn send(&mut self, call: Call) -> Result<Answer, Failure> {
        self.within_time(&call, None).await
    }

    /// The same, signed in.
    pub async fn send_as(&mut self, call: Call, credential: &Authorization) -> Result<Answer, Failure> {
        self.within_time(&call, Some(credential)).await
    }

    async fn within_time(
        &mut self,
        call: &Call,
        credential: Option<&Authorization>,
    ) -> Result<Answer, Failure> {
        let limit = self.line.gear.caps.call;
        // Boxed: dialling again makes a future of many kilobytes, and callers nest it.
        let answered = timeout(limit, Box::pin(self.answered(call, credential))).await;
        let answered = answered.unwrap_or(Err(Failure::HttpTimeout));
        if answered.is_err() {
            // What is left of a broken answer must not be read as the next one.
            self.wire = None;
        }
        answered
    }

    async fn answered(&mut self, call: &Call, credential: Option<&Authorization>) -> Result<Answer, Failure> {
        if self.wire.as_ref().is_some_and(Wire::is_open) {
            match self.tried(call, credential).await {
                Err(Lost::Unsent) => {}
                Err(Lost::Failed(failure)) => return Err(failure),
                Ok(answer) => return Ok(answer),
            }
        }
        self.secure_again().await?;
        self.tried(call, credential).await.map_err(|lost| match lost {
            Lost::Unsent => Failure::Truncated,
            Lost::Failed(failure) => failure,
        })
    }

    async fn tried(&mut self, call: &Call, credential: Option<&Authorization>) -> Result<Answer, Lost> {
        let mut request: Request<Body> = request(&self.line.host, call)?;
        if let Some(credential) = credential {
            attach(&mut request, &self.proof(), credential)?;
        }
        let caps = self.line.gear.caps;
        self.wire.as_mut().ok_or(Lost::Unsent)?.send(request, &caps).await
    }

    async fn secure_again(&mut self) -> Result<(), Failure> {
        self.wire = None;
        let verified = self.line.secure_again(self.pin.as_ref(), self.tls.legacy).await;
        let verified = verified.map_err(|lost| lost.failure)?;
        let Verified { stream, tls, certificate, trusted } = verified;
        (self.tls, self.certificate, self.trusted) = (tls, certificate, trusted);
        self.wire = Some(Wire::over(stream).await?);
        Ok(())
    }
}
