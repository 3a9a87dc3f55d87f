//! The credential, and the only place that puts it into a call.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, Request, header};
use hyper::body::Bytes;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::net::failure::Failure;

use super::proof::SecuredTo;

/// What a call signs in with. It shows itself to nobody: no `Debug`, no `Display`, no `Clone`.
pub enum Authorization {
    /// A login and a password (RFC 7617), in UTF-8, as typed.
    Basic {
        /// The login; it holds no colon.
        login: String,
        /// The password.
        password: SecretString,
    },
    /// A token (RFC 6750).
    Bearer(SecretString),
}

/// Attaches a credential to a call over a connection whose other end has proven to be the host.
///
/// Errs when the call is for another host, or the credential cannot stand in a header.
pub(super) fn attach<B>(
    call: &mut Request<B>,
    to: &SecuredTo<'_>,
    credential: &Authorization,
) -> Result<(), Failure> {
    let there = call.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if there != Some(to.host().as_str()) {
        return Err(Failure::BadCall);
    }
    // The bytes are overwritten when the call is gone; the buffers of HTTP and TLS under it are not ours.
    let bytes = Bytes::from_owner(Wiped(written(credential)));
    let mut value = HeaderValue::from_maybe_shared(bytes).map_err(|_| Failure::BadCall)?;
    value.set_sensitive(true);
    call.headers_mut().insert(header::AUTHORIZATION, value);
    Ok(())
}

struct Wiped(Zeroizing<String>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The header's value. Each buffer has its full size from the start, so that none is moved and left behind.
fn written(credential: &Authorization) -> Zeroizing<String> {
    match credential {
        Authorization::Basic { login, password } => {
            let password = password.expose_secret();
            let mut pair = Zeroizing::new(String::with_capacity(login.len() + 1 + password.len()));
            pair.extend([login.as_str(), ":", password]);
            let mut value = Zeroizing::new(String::with_capacity(6 + pair.len().div_ceil(3) * 4));
            value.push_str("Basic ");
            STANDARD.encode_string(pair.as_bytes(), &mut value);
            value
        }
        Authorization::Bearer(token) => {
            let token = token.expose_secret();
            let mut value = Zeroizing::new(String::with_capacity(7 + token.len()));
            value.extend(["Bearer ", token]);
            value
        }
    }
}
