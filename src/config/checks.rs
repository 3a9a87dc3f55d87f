//! `[checks]`, `[network]`, `[kinds]`, `[about]`: what a check may do and what pages say of us.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use crate::domain::{
    google::is_client_id,
    kind::{AccessKind, Availability},
};

use super::section::{Section, span};

/// `[checks]`.
#[derive(Debug, Clone)]
pub struct Checks {
    /// How long one step may take. Default: 30 s.
    pub step_limit: Duration,
    /// How long a whole check may take. Default: 90 s.
    pub check_limit: Duration,
    /// When a check that waits for the provider is tried again, each counted from the one before.
    /// Default: 5 min, 15 min, 1 h, 3 h, 8 h, 24 h, 30 h.
    pub waiting_ladder: Vec<Duration>,
    /// Mailboxes of a roster at the same time; an Exchange server gets no more connections than this for it.
    /// Default: 4.
    pub roster_at_once: u32,
}

impl Checks {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        const LADDER: [u64; 7] = [5, 15, 60, 180, 480, 1440, 1800];
        let limit = Duration::from_secs(1)..=Duration::from_secs(600);
        let checks = Self {
            step_limit: section.duration("step_limit", limit.clone()).unwrap_or(Duration::from_secs(30)),
            check_limit: section.duration("check_limit", limit).unwrap_or(Duration::from_secs(90)),
            waiting_ladder: section
                .list("waiting_ladder", "a span of time such as \"15 min\"", span)
                .unwrap_or_else(|| LADDER.iter().map(|minutes| Duration::from_secs(minutes * 60)).collect()),
            roster_at_once: section.whole("roster_at_once", 1..=64).unwrap_or(4),
        };
        section.close();
        checks
    }
}

/// `[network]`: for tests and the demo. None of these widens what the guard lets through.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// The name server that is asked. Default: the system's.
    pub resolver: Option<SocketAddr>,
    /// Where a checked public address and port is dialled instead; only addresses of this machine. Default: none.
    pub dial: Vec<(SocketAddr, SocketAddr)>,
    /// Whether addresses outside `dial` are not dialled at all. Default: false.
    pub only_mapped: bool,
    /// Certificates (PEM files) trusted beside the public ones. Default: none.
    pub extra_roots: Vec<PathBuf>,
}

impl Network {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let network = Self {
            resolver: section.parsed("resolver", "an address and a port, such as 127.0.0.1:5353", |text| {
                text.parse().ok()
            }),
            dial: section
                .pairs(
                    "dial",
                    "ADDRESS:PORT = \"ADDRESS:PORT\", the second one of this machine",
                    |from, to| {
                        let to: SocketAddr = to.parse().ok()?;
                        to.ip().is_loopback().then_some((from.parse().ok()?, to))
                    },
                )
                .unwrap_or_default(),
            only_mapped: section.flag("only_mapped").unwrap_or(false),
            extra_roots: section
                .list("extra_roots", "the path of a PEM file", |text| Some(PathBuf::from(text)))
                .unwrap_or_default(),
        };
        section.close();
        network
    }

    /// The settings of this section that are in force; a real installation has none, and the doctor says so.
    pub fn overrides(&self) -> Vec<&'static str> {
        [
            (self.resolver.is_some(), "network.resolver"),
            (!self.dial.is_empty(), "network.dial"),
            (self.only_mapped, "network.only_mapped"),
            (!self.extra_roots.is_empty(), "network.extra_roots"),
        ]
        .into_iter()
        .filter_map(|(set, name)| set.then_some(name))
        .collect()
    }
}

/// `[kinds]`: who may choose an access kind.
#[derive(Debug, Clone, Default)]
pub struct Kinds(BTreeMap<AccessKind, Availability>);

impl Kinds {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let mut kinds = BTreeMap::new();
        for kind in AccessKind::ALL {
            let availability = section.parsed(
                kind.id(),
                "\"offered\", \"by_invitation\" or \"closed\"",
                |text| match text {
                    "offered" => Some(Availability::Offered),
                    "by_invitation" => Some(Availability::ByInvitation),
                    "closed" => Some(Availability::Closed),
                    _ => None,
                },
            );
            kinds.extend(availability.map(|availability| (*kind, availability)));
        }
        section.close();
        Self(kinds)
    }

    /// Who may choose `kind`. Default: everybody, but for a way that the provider has switched off.
    pub fn availability(&self, kind: AccessKind) -> Availability {
        self.0.get(&kind).copied().unwrap_or_else(|| kind.usual_availability())
    }
}

/// `[about]`: what pages and mails say of us.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The name people know us by. Default: MoxiEngage.
    pub brand: Option<String>,
    /// Where people write for help. Default: none, and pages do not offer it.
    pub support_address: Option<String>,
    /// The number people call for help. Default: none.
    pub support_phone: Option<String>,
    /// When somebody answers, such as `8am to 6pm CT, Monday to Friday`. Default: none.
    pub support_hours: Option<String>,
    /// The fixed addresses our connections come from, for allow-lists. Default: none.
    pub egress_addresses: Vec<String>,
    /// The numeric client ID of our own service account, which Google Workspace offices delegate to. Default: none.
    pub google_client_id: Option<String>,
    /// A film for a guide, by access kind; `{seconds}` in it is where the film begins. Default: none.
    pub video_links: BTreeMap<AccessKind, String>,
}

impl About {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let about = Self {
            brand: section.text("brand"),
            support_address: section.text("support_address"),
            support_phone: section.text("support_phone"),
            support_hours: section.text("support_hours"),
            egress_addresses: section
                .list("egress_addresses", "an address or a range of addresses", |text| {
                    super::public_url::AddressRange::parse(text).map(|_| text.to_owned())
                })
                .unwrap_or_default(),
            google_client_id: section.parsed(
                "google_client_id",
                "the numeric client ID of your service account at Google, about 21 digits",
                |text| is_client_id(text).then(|| text.to_owned()),
            ),
            video_links: section
                .pairs("video_links", "KIND = \"https://...\"", |kind, link| {
                    Some((AccessKind::from_id(kind)?, link.starts_with("https://").then(|| link.to_owned())?))
                })
                .unwrap_or_default()
                .into_iter()
                .collect(),
        };
        section.close();
        about
    }

    /// The name people know us by.
    pub fn brand(&self) -> &str {
        self.brand.as_deref().unwrap_or("MoxiEngage")
    }

    /// What a real installation should set and this one does not.
    pub fn unset(&self) -> Vec<&'static str> {
        [
            (self.brand.is_none(), "about.brand"),
            (self.support_address.is_none(), "about.support_address"),
            (self.support_phone.is_none(), "about.support_phone"),
            (self.support_hours.is_none(), "about.support_hours"),
            (self.egress_addresses.is_empty(), "about.egress_addresses"),
            (self.google_client_id.is_none(), "about.google_client_id"),
            (self.video_links.is_empty(), "about.video_links"),
        ]
        .into_iter()
        .filter_map(|(unset, name)| unset.then_some(name))
        .collect()
    }
}
