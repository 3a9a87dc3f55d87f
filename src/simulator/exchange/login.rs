//! Who is calling an office's server: an account with its password, or nobody yet.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::said::Refused;
use crate::simulator::web::{Call, empty, set};
use crate::simulator::world::server::AccountState;
use crate::simulator::world::tenant::{Account, Server, Tenant};

/// Why nobody came in.
pub(crate) enum Outside {
    /// An answer of the web server in front of EWS.
    Web(Box<Response>),
    /// An answer of EWS.
    Ews(Refused),
}

/// The account that calls; none where the server asks nobody.
pub(crate) fn caller<'a>(
    call: &Call,
    tenant: &Tenant,
    server: &'a Server,
) -> Result<Option<&'a Account>, Outside> {
    let given = basic(call).filter(|_| offers(server, "Basic"));
    let Some((login, password)) = given else {
        return if server.script.anonymous {
            Ok(None)
        } else {
            Err(Outside::Web(Box::new(challenge(tenant, server))))
        };
    };
    let account = named(&login, tenant).and_then(|name| server.account(&name));
    let account = account.filter(|account| account.password == password);
    let account = account.filter(|account| !(account.script.newer_login_only && login.contains('\\')));
    let Some(account) = account else { return Err(Outside::Web(Box::new(challenge(tenant, server)))) };
    match account.script.state {
        AccountState::Good => Ok(Some(account)),
        AccountState::Locked => Err(Outside::Web(Box::new(locked(tenant, server)))),
        AccountState::EwsOff => Err(Outside::Web(Box::new(empty(StatusCode::FORBIDDEN)))),
        AccountState::Disabled => {
            refused("ErrorAccountDisabled", "The account that was used to call is disabled.")
        }
        AccountState::PasswordExpired => {
            refused("ErrorPasswordExpired", "The password of the account has expired.")
        }
        AccountState::MustChange => refused(
            "ErrorPasswordChangeRequired",
            "The password of the account must be changed before the next logon.",
        ),
    }
}

fn refused<T>(code: &str, text: &str) -> Result<T, Outside> {
    Err(Outside::Ews(Refused::new(code, text)))
}

/// Is this way to sign in offered?
pub(crate) fn offers(server: &Server, scheme: &str) -> bool {
    server.script.challenges.iter().any(|offered| offered.eq_ignore_ascii_case(scheme))
}

/// "Who are you?": the ways to sign in, on a line each or all on one.
pub(crate) fn challenge(tenant: &Tenant, server: &Server) -> Response {
    let mut response = empty(StatusCode::UNAUTHORIZED);
    let words: Vec<String> = server.script.challenges.iter().map(|one| challenge_word(one, tenant)).collect();
    let lines = if server.script.one_line { vec![words.join(", ")] } else { words };
    for line in lines.iter().filter(|line| !line.is_empty()) {
        if let Ok(value) = HeaderValue::from_str(line) {
            response.headers_mut().append(header::WWW_AUTHENTICATE, value);
        }
    }
    response
}

fn challenge_word(scheme: &str, tenant: &Tenant) -> String {
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => format!("Basic realm=\"mail.{}\"", tenant.domain),
        "bearer" => {
            let trusted = format!("00000001-0000-0000-c000-000000000000@{}", tenant.domain);
            format!(
                "Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\", trusted_issuers=\"{trusted}\""
            )
        }
        _ => scheme.to_owned(),
    }
}

fn locked(tenant: &Tenant, server: &Server) -> Response {
    let mut response = challenge(tenant, server);
    let page = "<html><head><title>401 - Unauthorized</title></head><body><h2>The referenced account is currently \
                locked out and may not be logged on to.</h2></body></html>";
    *response.body_mut() = Body::from(page);
    set(&mut response, "content-type", "text/html");
    response
}

/// Login and password of basic authentication.
pub(crate) fn basic(call: &Call) -> Option<(String, String)> {
    let (scheme, coded) = call.header("authorization")?.split_once(' ')?;
    let bytes = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(coded.trim()).ok())??;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(login, password)| (login.to_owned(), password.to_owned()))
}

/// The local part a login means: `name@DOMAIN`, or `DOMAIN\name` with the first label of the domain.
fn named(login: &str, tenant: &Tenant) -> Option<String> {
    if let Some((label, name)) = login.split_once('\\') {
        let short = tenant.domain.split('.').next().unwrap_or_default();
        let known = [short, tenant.domain.as_str()].iter().any(|own| own.eq_ignore_ascii_case(label));
        return known.then(|| name.to_owned());
    }
    let (name, domain) = login.rsplit_once('@')?;
    domain.eq_ignore_ascii_case(&tenant.domain).then(|| name.to_owned())
}
