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
