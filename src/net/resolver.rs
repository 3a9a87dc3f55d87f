//! Names to addresses that may be called, in bounded time.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig},
    lookup::Lookup,
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{RData, RecordType},
    },
};

use super::{
    failure::{DnsProblem, Failure},
    guard::{HostName, Network, is_private, is_public, port_allowed},
    settings::SettingsProblem,
};

/// The most aliases an honest name leads through.
const ALIASES: usize = 8;

/// The most addresses of one family an honest name has.
const ADDRESSES: usize = 16;

/// A host that a name tells for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The host.
    pub host: HostName,
    /// The lower the sooner.
    pub priority: u16,
    /// Among equals, the higher the sooner.
    pub weight: u16,
}

/// Asks one name server, or the machine's, without a cache: each connection sees the present answer, and the
/// guard sees every answer that is dialled.
pub struct Resolver {
    inner: TokioResolver,
    own: Vec<Network>,
    within: Duration,
}

impl Resolver {
    /// A resolver that asks `server`, or the machine's name servers.
    ///
    /// Errs when the machine names none.
    pub fn new(
        server: Option<SocketAddr>,
        own: Vec<Network>,
        within: Duration,
    ) -> Result<Self, SettingsProblem> {
        let mut builder = match server {
            Some(server) => {
                let config = ResolverConfig::from_name_servers(vec![asked_at(server)]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
            None => TokioResolver::builder_tokio().map_err(|_| SettingsProblem::Resolver)?,
        };
        let options = builder.options_mut();
        options.timeout = within / 2;
        options.attempts = 2;
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.preserve_intermediates = true;
        let inner = builder.build().map_err(|_| SettingsProblem::Resolver)?;
        Ok(Self { inner, own, within })
    }

    /// The addresses of a name, all of them public.
    ///
    /// Errs when there is none, when the name server fails or is silent, and when any single answer is not
    /// public: a name that mixes both is not trusted with either.
    pub async fn addresses(&self, host: &HostName) -> Result<Vec<IpAddr>, Failure> {
        let addresses = self.answers(host).await?;
        match () {
            () if addresses.iter().all(|address| is_public(*address, &self.own)) => Ok(addresses),
            () if addresses.iter().all(|address| is_private(*address)) => Err(Failure::Private),
            () => Err(Failure::Forbidden),
        }
    }

    /// The addresses of a name that the operator says lie within these networks, all of them: one elsewhere, and none
    /// is trusted.
    pub(super) async fn addresses_within(
        &self,
        host: &HostName,
        networks: &[Network],
    ) -> Result<Vec<IpAddr>, Failure> {
        let addresses = self.answers(host).await?;
        let within = |address: &IpAddr| networks.iter().any(|network| network.contains(*address));
        if addresses.iter().all(within) { Ok(addresses) } else { Err(Failure::Forbidden) }
    }

    async fn answers(&self, host: &HostName) -> Result<Vec<IpAddr>, Failure> {
        let (v4, v6) = tokio::join!(self.asked(host, RecordType::A), self.asked(host, RecordType::AAAA));
        let addresses = match (v4, v6) {
            (Ok(v4), Ok(v6)) => [v4, v6].concat(),
            (Ok(some), Err(_)) | (Err(_), Ok(some)) if !some.is_empty() => some,
            (Err(problem), _) | (_, Err(problem)) => return Err(Failure::Dns(problem)),
        };
        if addresses.is_empty() { Err(Failure::Dns(DnsProblem::NoAddress)) } else { Ok(addresses) }
    }

    /// The hosts that a name tells for a service (RFC 2782), such as `_autodiscover._tcp`: those with an HTTPS port and a
    /// proper name, the most preferred first. Empty when there is none.
    ///
    /// Errs when the name server fails or is silent.
    pub async fn services(&self, service: &str, name: &HostName) -> Result<Vec<Service>, Failure> {
        let found = self.looked_up(&format!("{service}.{name}."), RecordType::SRV).await;
        match found {
            Ok(Some(lookup)) => services_in(&lookup).map_err(Failure::Dns),
            Ok(None) | Err(DnsProblem::NxDomain) => Ok(Vec::new()),
            Err(problem) => Err(Failure::Dns(problem)),
        }
    }

    /// The hosts that take a domain's mail (MX), the most preferred first; those with a proper name. Empty when there is
    /// none.
    ///
    /// Errs when the name server fails or is silent.
    pub async fn mail_hosts(&self, domain: &HostName) -> Result<Vec<HostName>, Failure> {
        let found = self.looked_up(&format!("{domain}."), RecordType::MX).await;
        some_of(found, |lookup| {
            let mut hosts: Vec<(u16, HostName)> = first_answers(&lookup)
                .filter_map(|data| match data {
                    RData::MX(mx) => Some((mx.preference, proper(&mx.exchange.to_ascii())?)),
                    _ => None,
                })
                .collect();
            hosts.sort_by_key(|(preference, _)| *preference);
            hosts.into_iter().map(|(_, host)| host).collect()
        })
    }

    /// The name that another one stands for, where it is a proper one.
    ///
    /// Errs when the name server fails or is silent.
    pub async fn alias(&self, host: &HostName) -> Result<Option<HostName>, Failure> {
        let found = self.looked_up(&format!("{host}."), RecordType::CNAME).await;
        some_of(found, |lookup| {
            first_answers(&lookup).find_map(|data| match data {
                RData::CNAME(name) => proper(&name.to_ascii()),
                _ => None,
            })
        })
    }

    /// The domains that may send in a domain's name: the includes of its SPF record (RFC 7208), as they stand there.
    ///
    /// Errs when the name server fails or is silent.
    pub async fn senders(&self, domain: &HostName) -> Result<Vec<String>, Failure> {
        let found = self.looked_up(&format!("{domain}."), RecordType::TXT).await;
        some_of(found, |lookup| {
            first_answers(&lookup)
                .filter_map(|data| match data {
                    RData::TXT(text) => Some(text.txt_data.concat()),
                    _ => None,
                })
                .find_map(|text| includes(&text))
                .unwrap_or_default()
        })
    }

    /// An empty list when the name exists without such an address.
    async fn asked(&self, host: &HostName, kind: RecordType) -> Result<Vec<IpAddr>, DnsProblem> {
        match self.looked_up(&format!("{host}."), kind).await? {
            Some(lookup) => addresses_in(&lookup),
            None => Ok(Vec::new()),
        }
    }

    /// What a name holds of a kind; `None` when it exists without. The name ends with a dot, which keeps search domains
    /// of the machine out.
    async fn looked_up(&self, name: &str, kind: RecordType) -> Result<Option<Lookup>, DnsProblem> {
        match tokio::time::timeout(self.within, self.inner.lookup(name, kind)).await {
            Err(_) => Err(DnsProblem::Timeout),
            Ok(Ok(lookup)) => Ok(Some(lookup)),
            Ok(Err(error)) => problem_of(&error),
        }
    }
}

fn asked_at(server: SocketAddr) -> NameServerConfig {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    NameServerConfig::new(server.ip(), true, connections)
}

fn addresses_in(lookup: &Lookup) -> Result<Vec<IpAddr>, DnsProblem> {
    let mut aliases = 0;
    let mut addresses = Vec::new();
    for record in lookup.answers() {
        match &record.data {
            RData::A(a) => addresses.push(IpAddr::V4(a.0)),
            RData::AAAA(aaaa) => addresses.push(IpAddr::V6(aaaa.0)),
            RData::CNAME(_) => aliases += 1,
            _ => {}
        }
    }
    if aliases > ALIASES || addresses.len() > ADDRESSES { Err(DnsProblem::ServFail) } else { Ok(addresses) }
}

/// The records that are read of an answer: no honest one has more.
fn first_answers(lookup: &Lookup) -> impl Iterator<Item = &RData> {
    lookup.answers().iter().take(ALIASES + ADDRESSES).map(|record| &record.data)
}

fn proper(name: &str) -> Option<HostName> {
    HostName::parse(name.trim_end_matches('.'))
}

/// What an answer tells; nothing where there is none.
fn some_of<T: Default>(
    found: Result<Option<Lookup>, DnsProblem>,
    read: impl FnOnce(Lookup) -> T,
) -> Result<T, Failure> {
    match found {
        Ok(Some(lookup)) => Ok(read(lookup)),
        Ok(None) | Err(DnsProblem::NxDomain) => Ok(T::default()),
        Err(problem) => Err(Failure::Dns(problem)),
    }
}

/// The names that an SPF record includes; `None` when the text is none.
fn includes(text: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(text).ok()?.to_ascii_lowercase();
    let terms = text.strip_prefix("v=spf1")?.split(' ');
    let named = terms.filter_map(|term| term.strip_prefix("include:")).filter(|name| is_name(name));
    Some(named.take(ADDRESSES).map(str::to_owned).collect())
}

/// A name as SPF records have them: labels may begin with an underscore.
fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=253).contains(&name.len()) && name.bytes().all(letter)
}

fn services_in(lookup: &Lookup) -> Result<Vec<Service>, DnsProblem> {
    let answers = lookup.answers();
    if answers.len() > ALIASES + ADDRESSES {
        return Err(DnsProblem::ServFail);
    }
    let mut services: Vec<Service> = answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::SRV(srv) if port_allowed(srv.port) => Some(Service {
                host: HostName::parse(srv.target.to_ascii().trim_end_matches('.'))?,
                priority: srv.priority,
                weight: srv.weight,
            }),
            _ => None,
        })
        .collect();
    services.sort_by_key(|service| (service.priority, std::cmp::Reverse(service.weight)));
    Ok(services)
}

fn problem_of(error: &NetError) -> Result<Option<Lookup>, DnsProblem> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => Err(DnsProblem::NxDomain),
            ResponseCode::NoError => Ok(None),
            _ => Err(DnsProblem::ServFail),
        },
        NetError::Dns(DnsError::ResponseCode(ResponseCode::NXDomain)) => Err(DnsProblem::NxDomain),
        NetError::Timeout => Err(DnsProblem::Timeout),
        _ => Err(DnsProblem::ServFail),
    }
}
