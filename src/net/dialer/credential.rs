//! The credential, and the only place that puts it into a call.

use http::{Request, header};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::net::{
    failure::Failure,
    sensitive::{basic, bearer, sensitive},
};

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
    let value = sensitive(written(credential)).ok_or(Failure::BadCall)?;
    call.headers_mut().insert(header::AUTHORIZATION, value);
    Ok(())
}

fn written(credential: &Authorization) -> Zeroizing<String> {
    match credential {
        Authorization::Basic { login, password } => basic(login, password.expose_secret()),
        Authorization::Bearer(token) => bearer(token.expose_secret()),
    }
}
