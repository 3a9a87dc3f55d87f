//! Addresses that servers name, and whether they belong to the domain of the mailbox.

use url::Url;

use crate::{domain::exchange::EwsUrl, net::guard::HostName};

/// Hosts of Microsoft 365.
const CLOUD: &[&str] =
    &["office365.com", "office.com", "outlook.com", "office365.us", "apps.mil", "partner.outlook.cn"];

/// Where autodiscover may be asked: always https, always the usual port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The host.
    pub(super) host: HostName,
    /// Path and query.
    pub(super) path: String,
}

/// What an address that a server named turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A place that may be looked at.
    Place(Place),
    /// One without encryption.
    Insecure,
    /// None that leads anywhere from here.
    Nowhere,
}

impl Place {
    /// Where autodiscover answers on a host.
    pub(super) fn of(host: HostName) -> Self {
        Self { host, path: "/autodiscover/autodiscover.xml".to_owned() }
    }

    /// Reads an address, which may be given relative to this place.
    pub(super) fn lead(&self, to: &str) -> Named {
        let base = Url::parse(&format!("https://{}{}", self.host, self.path));
        let Some(url) = base.ok().filter(|_| to.len() <= 2048).and_then(|base| base.join(to.trim()).ok())
        else {
            return Named::Nowhere;
        };
        named(&url)
    }
}

fn named(url: &Url) -> Named {
    let plain = url.username().is_empty() && url.password().is_none();
    match (url.scheme(), url.host_str().and_then(HostName::parse)) {
        ("http", Some(_)) => Named::Insecure,
        ("https", Some(host)) if plain && url.port().is_none() => {
            let path =
                url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
            Named::Place(Place { host, path })
        }
        _ => Named::Nowhere,
    }
}

/// The host of an EWS address that a server named; `None` for one that is only good inside, or none at all.
pub(super) fn ews_host(text: &str) -> Option<HostName> {
    let url = Url::parse(text.trim()).ok().filter(|_| text.len() <= 2048)?;
    match named(&url) {
        Named::Place(place) if place.path.eq_ignore_ascii_case(EwsUrl::PATH) => Some(place.host),
        _ => None,
    }
}

/// Whether a host is the domain or lies below it. Narrower than the domain that was registered: a list of what can be
/// registered would have to be kept up to date, and whoever falls between enters the address in the form.
pub(super) fn is_within(host: &HostName, domain: &str) -> bool {
    let below = host.as_str().strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    host.as_str() == domain || below
}

/// Whether a host is one of Microsoft 365.
pub(super) fn is_cloud(host: &HostName) -> bool {
    CLOUD.iter().any(|domain| is_within(host, domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> HostName {
        HostName::parse(name).expect("a name")
    }

    #[test]
    fn only_encrypted_places_on_the_usual_port_are_looked_at() {
        let here = Place::of(host("autodiscover.lakeshore.example"));
        let there = Place { host: host("mail.lakeshore.example"), path: "/a?b".to_owned() };
        assert_eq!(here.lead("https://mail.lakeshore.example/a?b#c"), Named::Place(there));
        assert!(matches!(here.lead("/x"), Named::Place(place) if place.host == here.host));
        assert_eq!(here.lead("http://mail.lakeshore.example/"), Named::Insecure);
        for nowhere in [
            "https://u:p@mail.lakeshore.example/",
            "https://mail.lakeshore.example:8443/",
            "https://10.0.0.1/",
            "https://127.1/",
            "https://exch01/",
            "https://exch01.corp.local/",
            "ftp://mail.lakeshore.example/",
            "javascript:alert(1)",
            &"x".repeat(3000),
        ] {
            assert_eq!(here.lead(nowhere), Named::Nowhere, "{nowhere}");
        }
    }

    #[test]
    fn a_host_belongs_to_its_domain_and_to_no_look_alike() {
        for (name, within) in [
            ("lakeshore.example", true),
            ("mail.lakeshore.example", true),
            ("evil-lakeshore.example", false),
            ("lakeshore.example.evil.example", false),
            ("example.com", false),
        ] {
            assert_eq!(is_within(&host(name), "lakeshore.example"), within, "{name}");
        }
        assert!(is_cloud(&host("outlook.office365.com")) && !is_cloud(&host("myoutlook.com")));
    }

    #[test]
    fn an_ews_address_has_the_one_path() {
        assert_eq!(
            ews_host("https://mail.lakeshore.example/ews/exchange.asmx"),
            Some(host("mail.lakeshore.example"))
        );
        for wrong in
            ["https://mail.lakeshore.example/owa", "http://mail.lakeshore.example/EWS/Exchange.asmx", ""]
        {
            assert_eq!(ews_host(wrong), None, "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_server_names_leads_to_an_encrypted_place_or_nowhere(
            to in "(https?:|ftp:|//|\\\\|/|@|:|#|[?]|%2e|localhost|127[.]1|mail[.]lakeshore[.]example|[a-z.0-9]|\\PC){0,12}",
        ) {
            if let Named::Place(place) = Place::of(host("autodiscover.lakeshore.example")).lead(&to) {
                let again = Url::parse(&format!("https://{}{}", place.host, place.path)).expect("an address");
                proptest::prop_assert_eq!(again.host_str(), Some(place.host.as_str()));
                proptest::prop_assert!(again.port().is_none() && again.username().is_empty(), "{again}");
                proptest::prop_assert!(place.path.starts_with('/') && place.path.len() <= 8_192);
            }
            let _ = ews_host(&to);
        }
    }
}
