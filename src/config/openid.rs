//! `[staff.openid]`: the company's sign-in, by which our own people come to the staff site.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use secrecy::SecretString;

use super::{
    public_url::{AddressRange, PublicUrl},
    section::Section,
    site::Site,
};
use crate::domain::staff::StaffRole;

/// `[staff.openid]`: an OpenID Connect provider and what its tokens mean here.
#[derive(Debug, Clone)]
pub struct OpenId {
    /// The provider's issuer, to the last letter as its tokens name it. No default.
    pub issuer: String,
    /// Where the provider listens when it is this machine's own and speaks http: only in the demo and in tests.
    pub loopback: Option<SocketAddr>,
    /// The id under which the provider knows this site. No default.
    pub client_id: String,
    /// The secret that goes with it. No default.
    pub client_secret: SecretString,
    /// The claim of the token that names roles; a text or a list of texts. Default: `roles`.
    pub roles_claim: String,
    /// Values of that claim and the role each of them means. Default: our own words for the roles.
    pub roles: Vec<(String, StaffRole)>,
    /// What is asked for at the provider. Default: `openid`, `profile`, `email`.
    pub scopes: Vec<String>,
    /// How long ago people may have signed in at the provider; longer ago, they do so again. Default: 12 h.
    pub max_age: Duration,
    /// Ways of signing in (`acr`), one of which the token must name. Default: none is asked for.
    pub acr: Vec<String>,
    /// How long an answer of the provider may take. Default: 10 s.
    pub patience: Duration,
    /// Networks of the company that the issuer's host is in, such as `10.20.0.0/16`. Default: none, and the host has to
    /// be public.
    pub private_networks: Vec<String>,
    /// A PEM file with the authority that the issuer's certificate comes from; no other is trusted then. Default: none,
    /// and the public authorities are.
    pub ca_file: Option<PathBuf>,
}

impl OpenId {
    /// `None` when nothing is set: then nobody can sign in on the staff site.
    pub(super) fn read(mut section: Section<'_>, staff: Option<&Site>) -> Option<Self> {
        const ISSUER: &str =
            "an https address without query, such as https://login.moxi.example/realms/staff";
        let any = !section.is_empty();
        let stands = |names: &[&str]| names.iter().any(|name| section.has(name));
        let missing: Vec<&str> = [
            ("issuer", stands(&["issuer"])),
            ("client_id", stands(&["client_id"])),
            ("client_secret", stands(&["client_secret", "client_secret_file"])),
        ]
        .into_iter()
        .filter_map(|(name, stands)| (any && !stands).then_some(name))
        .collect();
        let issuer = section.placed("issuer", ISSUER, |text| is_issuer(text).then(|| text.to_owned()));
        let client_id = section.parsed("client_id", "at most 255 letters, digits and signs", plain);
        let client_secret = section.secret("client_secret", "client_secret_file");
        let read = Self {
            issuer: String::new(),
            loopback: None,
            client_id: client_id.clone().unwrap_or_default(),
            client_secret: client_secret.clone().unwrap_or_default(),
            roles_claim: section.text("roles_claim").unwrap_or_else(|| "roles".to_owned()),
            roles: section
                .pairs("roles", "VALUE OF THE CLAIM = \"reviewer\" (or another role)", |value, role| {
                    Some((value.to_owned(), StaffRole::parse(role)?))
                })
                .unwrap_or_else(own_words),
            scopes: section
                .list("scopes", "a scope, such as openid", plain)
                .unwrap_or_else(|| ["openid", "profile", "email"].map(str::to_owned).to_vec()),
            max_age: section
                .duration("max_age", Duration::from_secs(60)..=Duration::from_secs(24 * 3600))
                .unwrap_or(Duration::from_secs(12 * 3600)),
            acr: section.list("acr", "a value of the claim acr", plain).unwrap_or_default(),
            patience: section
                .duration("patience", Duration::from_millis(100)..=Duration::from_secs(30))
                .unwrap_or(Duration::from_secs(10)),
            private_networks: section
                .list("private_networks", "a range within 10/8, 172.16/12, 192.168/16 or fc00::/7", |text| {
                    AddressRange::parse(text).filter(AddressRange::is_private).map(|_| text.to_owned())
                })
                .unwrap_or_default(),
            ca_file: section.path("ca_file"),
        };
        for name in missing {
            let sentence = "is missing: the staff's sign-in needs issuer, client_id and client_secret";
            section.complain(None, name, sentence);
        }
        if !read.scopes.iter().any(|scope| scope == "openid") {
            section.complain(None, "scopes", "must hold \"openid\"");
        }
        let loopback = issuer.as_ref().and_then(|(issuer, _)| loopback_of(issuer));
        if let Some((issuer, place)) = &issuer
            && issuer.starts_with("http://")
            && !(loopback.is_some() && staff.is_some_and(|staff| staff.public_url.is_loopback()))
        {
            section.complain(
                Some(place.clone()),
                "issuer",
                "`staff.openid.issuer` must start with https:// (http is for a provider on this machine, while the staff site is on it, too)",
            );
        }
        section.close();
        let (issuer, _) = issuer?;
        Some(Self { issuer, loopback, client_id: client_id?, client_secret: client_secret?, ..read })
    }

    /// The host and the port that the issuer names.
    pub fn host_and_port(&self) -> Option<(String, u16)> {
        let (origin, _) = origin_of(&self.issuer)?;
        Some((origin.host().to_owned(), origin.port()))
    }

    /// The roles that values of the claim stand for; each once, in the order pages list them.
    pub fn roles_of<'a>(&self, values: impl IntoIterator<Item = &'a str>) -> Vec<StaffRole> {
        let mut roles: Vec<StaffRole> = values
            .into_iter()
            .flat_map(|value| self.roles.iter().filter(move |(known, _)| known == value))
            .map(|(_, role)| *role)
            .collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }
}

fn own_words() -> Vec<(String, StaffRole)> {
    StaffRole::ALL.iter().map(|role| (role.as_str().to_owned(), *role)).collect()
}

fn plain(text: &str) -> Option<String> {
    let fits = text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}

/// Scheme, host, and a path of plain letters: what stands in tokens, and what the address of the provider's own
/// description is made from. Over https the host is a name, for which there are certificates.
fn is_issuer(text: &str) -> bool {
    origin_of(text).is_some_and(|(origin, path)| {
        let bare = origin.host().trim_start_matches('[').trim_end_matches(']');
        (!origin.is_secure() || bare.parse::<IpAddr>().is_err())
            && text.len() <= 255
            && path
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~'))
            && !path.contains("..")
    })
}

fn origin_of(issuer: &str) -> Option<(PublicUrl, &str)> {
    let rest = issuer.strip_prefix("https://").or_else(|| issuer.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let scheme = &issuer[..issuer.len() - rest.len()];
    Some((PublicUrl::parse(&format!("{scheme}{host}"))?, path))
}

fn loopback_of(issuer: &str) -> Option<SocketAddr> {
    let rest = issuer.strip_prefix("http://")?;
    let at: SocketAddr = rest.split('/').next()?.parse().ok()?;
    at.ip().is_loopback().then_some(at)
}
