//! What can be made to go wrong, for which target, how often.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::operation::Operation;

/// As `times`: until the faults are cleared.
pub const ALWAYS: u32 = u32::MAX;

/// What a fault hits.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A DNS name; the question for its IPv4 address uses a fault up, that for IPv6 only meets it.
    Name(String),
    /// Every new connection (TLS faults) or request (HTTP faults) to a host; connections that are open stay.
    Host(String),
    /// One operation of every tenant.
    Operation(Operation),
    /// One operation of one tenant, which is named by its name, its domain or its id.
    Tenant(String, Operation),
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// DNS: the name does not exist.
    NxDomain,
    /// DNS: the name exists without addresses.
    NoData,
    /// DNS: the server failed.
    ServFail,
    /// DNS: no answer at all.
    DnsSilence,
    /// DNS: these addresses instead, private ones or a mixture for instance.
    Addresses(Vec<IpAddr>),
    /// DNS: the first list for the first question, the second for the second, the last from then on.
    Rebinding(Vec<Vec<IpAddr>>),
    /// DNS: a chain of aliases that ends at the last name.
    Chain(Vec<String>),

    /// TLS: a certificate of an authority nobody knows.
    OtherAuthority,
    /// TLS: a certificate for another name.
    WrongName,
    /// TLS: a certificate that has expired.
    Expired,
    /// TLS: a certificate that ends in twelve days.
    ExpiresSoon,
    /// TLS: a certificate that is not valid yet.
    NotYetValid,
    /// TLS: a certificate that nobody but its own key has signed.
    SelfSigned,
    /// TLS: a certificate of the office's own authority, which is sent along.
    PrivateAuthority,
    /// TLS: a certificate of a known authority, without the one in between.
    ChainIncomplete,
    /// TLS: a certificate whose name stands in the old place alone.
    NoNames,
    /// TLS: the server wants a certificate of the client.
    ClientCertificate,
    /// TLS: only versions before 1.2 are spoken.
    OldVersion,
    /// TLS: version 1.2 with the suites of old servers alone.
    OldCiphers,
    /// TLS: no suite that any client offers.
    NoCommonCipher,
    /// TLS: the greeting is refused with an alert that says nothing of the reason.
    HandshakeAlert,
    /// TLS: the connection is cut after the client's greeting.
    HandshakeReset,
    /// TLS: the port speaks plain HTTP.
    PlainHttp,
    /// TLS: the connection is closed after the first bytes of the client.
    HandshakeClose,
    /// TLS: the connection is accepted, and nothing follows.
    ConnectSilence,

    /// HTTP: this answer instead.
    Status {
        /// The status.
        code: u16,
        /// Further headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// The body as it is; JSON is said to be JSON.
        #[serde(default)]
        body: String,
    },
    /// HTTP: 429 with this `Retry-After`, whatever it says.
    Throttled(String),
    /// HTTP: the request is read, and nothing follows.
    Hang,
    /// HTTP: the true answer comes this many milliseconds late.
    Late(u64),
    /// HTTP: the connection is closed instead of an answer; nothing was done.
    CloseBefore,
    /// HTTP: the work was done, and the connection is closed instead of the answer.
    LoseAnswer,
    /// HTTP: the work was done, and nothing follows.
    HoldAnswer,
    /// HTTP: the true answer stops half way and the connection is closed.
    CloseMid,
    /// HTTP: a complete answer that holds only half of the true one.
    Truncated,
    /// HTTP: an empty body with status 200.
    Empty,
    /// HTTP: a body that never ends.
    Endless,
    /// HTTP: a body of a byte now and then, this many milliseconds apart, that never ends.
    Drip(u64),
    /// HTTP: a small gzip body that grows to about 300 MB.
    GzipBomb,
    /// HTTP: a sign-in page with status 200.
    Html,
    /// HTTP: the true answer, said to be plain text.
    WrongContentType,
    /// HTTP: 100,000 arrays inside each other.
    DeepJson,
    /// HTTP: an object in which the members that matter stand twice.
    DuplicateKeys,
    /// HTTP: the true answer with a header of half a megabyte.
    HugeHeader,
    /// HTTP: sent on to the same path of another host.
    Redirect(String),

    /// EWS: the call is refused as a whole, as a SOAP fault.
    SoapFault {
        /// The response code, such as `ErrorServerBusy`.
        code: String,
        /// The sentence for people; the code's own words without it.
        #[serde(default)]
        text: String,
        /// How long the client is asked to wait.
        #[serde(default)]
        back_off_millis: Option<u64>,
    },
    /// EWS: the call is answered, and its one message is an error of this code.
    ErrorMessage(String),

    /// Token: the true token with changed claims.
    Token(Change),
}

/// What is changed in a token that is otherwise in order.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// Seconds said to be left; may be negative or huge. The claim `exp` follows.
    pub expires_in: Option<i64>,
    /// Another tenant.
    pub tid: Option<String>,
    /// Another application.
    pub appid: Option<String>,
    /// Another audience.
    pub aud: Option<String>,
    /// Other roles.
    pub roles: Option<Vec<String>>,
    /// Delegated scopes, which make it a user's token.
    pub scp: Option<String>,
    /// Something that is no token at all.
    pub text: Option<String>,
}

/// Which layer a fault belongs to.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Layer {
    Dns,
    Tls,
    Http,
    Ews,
    Token,
}

impl Fault {
    pub(crate) fn layer(&self) -> Layer {
        use Fault::*;
        match self {
            NxDomain | NoData | ServFail | DnsSilence | Addresses(_) | Rebinding(_) | Chain(_) => Layer::Dns,
            NotYetValid | SelfSigned | PrivateAuthority | ChainIncomplete | NoNames | ClientCertificate
            | OldVersion | OldCiphers | NoCommonCipher | HandshakeAlert | HandshakeReset => Layer::Tls,
            OtherAuthority | WrongName | Expired | ExpiresSoon | PlainHttp | HandshakeClose
            | ConnectSilence => Layer::Tls,
            SoapFault { .. } | ErrorMessage(_) => Layer::Ews,
            Token(_) => Layer::Token,
            _ => Layer::Http,
        }
    }
}

struct Planned {
    target: Target,
    fault: Fault,
    left: u32,
    met: usize,
}

/// The faults planned at present.
#[derive(Default)]
pub(crate) struct Faults {
    planned: Mutex<Vec<Planned>>,
}

impl Faults {
    pub(crate) fn plan(&self, target: Target, fault: Fault, times: u32) {
        let planned = Planned { target, fault, left: times, met: 0 };
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).push(planned);
    }

    pub(crate) fn clear(&self) {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The next fault of this layer for a target that `hit` accepts, and how often it has been met before.
    /// With `count` it is used up by one.
    pub(crate) fn next(
        &self,
        layer: Layer,
        count: bool,
        hit: impl Fn(&Target) -> bool,
    ) -> Option<(Fault, usize)> {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let found = planned.iter_mut().find(|p| p.left > 0 && p.fault.layer() == layer && hit(&p.target))?;
        let met = found.met;
        if count {
            found.met += 1;
            if found.left != ALWAYS {
                found.left -= 1;
            }
        }
        Some((found.fault.clone(), met))
    }
}
