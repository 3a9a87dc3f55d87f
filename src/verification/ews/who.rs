//! Who answered? Exchange, or something that stands in front of it or in its place.

use http::{HeaderMap, header};

use crate::{net::Answer, verification::evidence::Trait};

use super::challenge::ways;

/// How much of a body is looked through for words.
const LOOKED_AT: usize = 64 * 1024;

/// Headers that only Exchange sets.
const OF_EXCHANGE: &[&str] =
    &["x-feserver", "x-beserver", "x-targetbeserver", "x-calculatedbetarget", "x-diaginfo", "x-owa-version"];

/// Headers of services and devices in front of a server.
const OF_WALLS: &[&str] = &["cf-ray", "x-sucuri-id", "x-amz-cf-id", "x-iinfo", "x-akamai-request-id"];

/// Names of such in `Server`.
const WALLS: &[&str] = &["bigip", "big-ip", "cloudflare", "akamaighost", "sucuri", "imperva"];

/// Names of providers of hosted Exchange, as their servers call themselves in `Server`, `Via` and the realm of their
/// sign-in. A list that grows with what offices meet.
const HOSTERS: &[&str] = &[
    "intermedia",
    "serverdata.net",
    "secureserver.net",
    "rackspace",
    "emailsrvr.com",
    "ionos",
    "1and1",
    "ovh.net",
    "sherweb",
    "apps4rent",
    "mail2web",
    "hostedexchange",
    "hosted exchange",
    "hostpilot",
];

/// Where a redirect leads, by a part of its path.
const LEADS: &[(&str, Trait)] = &[
    ("/owa/auth", Trait::ToForms),
    ("/cookieauth.dll", Trait::ToForms),
    ("/adfs/ls", Trait::ToFederation),
    ("/my.policy", Trait::ToGateway),
    ("/vpn/", Trait::ToGateway),
    ("/cgi/login", Trait::ToGateway),
    ("/internalsite/", Trait::ToPortal),
    ("/ews/genericerrorpage.htm", Trait::ToErrorPage),
];

/// Words in a body that tell who wrote it.
const WORDS: &[(&str, Trait)] = &[
    ("server error in '/ews' application", Trait::AppBroken),
    ("currently locked out", Trait::LockedOut),
    ("invalid hostname", Trait::HostUnknown),
    ("header or cookie too large", Trait::HostUnknown),
    ("403.4", Trait::SslRule),
    ("403.7", Trait::ClientCertificate),
    ("403.6", Trait::AddressRejected),
    ("403.503", Trait::AddressRejected),
    ("ip address rejected", Trait::AddressRejected),
    ("ip address of the client has been rejected", Trait::AddressRejected),
    ("x-anchormailbox", Trait::NoAnchor),
    ("403.13", Trait::ClientCertificate),
    ("403.16", Trait::ClientCertificate),
    ("web application firewall", Trait::Wall),
    ("request blocked", Trait::Wall),
    ("blocked by conditional access", Trait::ConditionalAccess),
    ("does not allow token issuance", Trait::ConditionalAccess),
];

/// What Exchange Online says of a password in `X-AutoDiscovery-Error`.
const SIGN_INS: &[(&str, Trait)] = &[
    ("apppasswordrequired", Trait::AppPassword),
    ("basicauthblocked", Trait::BasicBlocked),
    ("basicauthblockstatus - deny", Trait::BasicBlocked),
    ("blockbasicauth", Trait::BasicBlocked),
    ("federatedstsunreachable", Trait::FederationSilent),
    ("blocked by conditional access", Trait::ConditionalAccess),
    ("does not allow token issuance", Trait::ConditionalAccess),
];

/// What an answer has about it.
pub fn traits(answer: &Answer) -> Vec<Trait> {
    let mut traits = Vec::new();
    of_headers(&answer.headers, &mut traits);
    let head = &answer.body[..answer.body.len().min(LOOKED_AT)];
    let body = String::from_utf8_lossy(head).to_lowercase();
    let body = body.trim_start_matches('\u{feff}').trim_start();
    if body.is_empty() {
        traits.push(Trait::Empty);
    }
    if said(&answer.headers, "content-type").contains("text/html")
        || body.starts_with("<!doctype html")
        || body.starts_with("<html")
    {
        traits.push(Trait::Html);
        if body.contains("<form") && body.contains("password") {
            traits.push(Trait::LoginForm);
        }
    }
    traits.extend(WORDS.iter().filter(|(word, _)| body.contains(word)).map(|(_, found)| *found));
    traits.dedup();
    traits
}

fn of_headers(headers: &HeaderMap, traits: &mut Vec<Trait>) {
    let server = said(headers, "server");
    let iis = server.contains("microsoft-iis");
    let stack = iis && (headers.contains_key("x-aspnet-version") || headers.contains_key("request-id"));
    if stack || OF_EXCHANGE.iter().any(|name| headers.contains_key(*name)) {
        traits.push(Trait::Exchange);
    }
    if server.contains("microsoft-httpapi") {
        traits.push(Trait::HttpSys);
    }
    if OF_WALLS.iter().any(|name| headers.contains_key(*name))
        || WALLS.iter().any(|wall| server.contains(wall))
    {
        traits.push(Trait::Wall);
    }
    if headers.contains_key("x-caserrorcode") {
        traits.push(Trait::FrontEnd);
    }
    let policy = said(headers, "x-ews-policy-reason");
    if policy.contains("ews is disabled") {
        traits.push(Trait::EwsOff);
    } else if policy.contains("ews is blocked by policy") {
        traits.push(Trait::AppNotListed);
    }
    let sign_in = said(headers, "x-autodiscovery-error");
    traits.extend(SIGN_INS.iter().find(|(word, _)| sign_in.contains(word)).map(|(_, found)| *found));
    if is_hoster(headers) {
        traits.push(Trait::Hoster);
    }
    of_challenge(headers, traits);
    of_location(headers, traits);
}

/// Whether a provider's name stands where servers name themselves.
fn is_hoster(headers: &HeaderMap) -> bool {
    let places = [header::SERVER, header::VIA, header::WWW_AUTHENTICATE];
    places.iter().flat_map(|place| headers.get_all(place)).any(|said| {
        let said = String::from_utf8_lossy(said.as_bytes()).to_lowercase();
        HOSTERS.iter().any(|name| said.contains(name))
    })
}

fn of_challenge(headers: &HeaderMap, traits: &mut Vec<Trait>) {
    let ways = ways(headers);
    let offers = |names: &[&str]| ways.iter().any(|way| names.contains(&way.as_str()));
    if !ways.is_empty() {
        traits.push(Trait::Challenge);
    }
    if offers(&["basic"]) {
        traits.push(Trait::Basic);
    }
    if offers(&["negotiate", "ntlm", "kerberos"]) {
        traits.push(Trait::Windows);
    }
    if !ways.is_empty() && ways.iter().all(|way| way == "bearer") {
        traits.push(Trait::OnlyBearer);
    }
}

fn of_location(headers: &HeaderMap, traits: &mut Vec<Trait>) {
    let target = said(headers, header::LOCATION.as_str());
    if target.is_empty() {
        return;
    }
    let found = LEADS.iter().find(|(part, _)| target.contains(part)).map(|(_, found)| *found);
    let provider = target.contains("://login.microsoftonline.");
    let same_path = target.contains("/ews/exchange.asmx");
    let found = found.or_else(|| provider.then_some(Trait::ToFederation));
    traits.extend(found.or_else(|| same_path.then_some(Trait::ToOtherHost)));
}

/// A header in lower case; empty when there is none.
fn said(headers: &HeaderMap, name: &str) -> String {
    headers
        .get(name)
        .map_or_else(String::new, |value| String::from_utf8_lossy(value.as_bytes()).to_lowercase())
}
