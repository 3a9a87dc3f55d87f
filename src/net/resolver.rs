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
    guard::{HostName, is_public},
    settings::SettingsProblem,
};

/// The most aliases an honest name leads through.
const ALIASES: usize = 8;

/// The most addresses of one family an honest name has.
const ADDRESSES: usize = 16;

/// Asks one name server, or the machine's, without a cache: each connection sees the present answer, and the
/// guard sees every answer that is dialled.
pub struct Resolver {
    inner: TokioResolver,
    own: Vec<IpAddr>,
    within: Duration,
}

impl Resolver {
    /// A resolver that asks `server`, or the machine's name servers.
    ///
    /// Errs when the machine names none.
    pub fn new(
        server: Option<SocketAddr>,
        own: Vec<IpAddr>,
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
        let (v4, v6) = tokio::join!(self.asked(host, RecordType::A), self.asked(host, RecordType::AAAA));
        let addresses = match (v4, v6) {
            (Ok(v4), Ok(v6)) => [v4, v6].concat(),
            (Ok(some), Err(_)) | (Err(_), Ok(some)) if !some.is_empty() => some,
            (Err(problem), _) | (_, Err(problem)) => return Err(Failure::Dns(problem)),
        };
        if addresses.is_empty() {
            return Err(Failure::Dns(DnsProblem::NoAddress));
        }
        let public = addresses.iter().all(|address| is_public(*address, &self.own));
        if public { Ok(addresses) } else { Err(Failure::Forbidden) }
    }

    /// An empty list when the name exists without such an address.
    async fn asked(&self, host: &HostName, kind: RecordType) -> Result<Vec<IpAddr>, DnsProblem> {
        // The dot at the end keeps search domains of the machine out.
        let asked = self.inner.lookup(format!("{host}."), kind);
        match tokio::time::timeout(self.within, asked).await {
            Err(_) => Err(DnsProblem::Timeout),
            Ok(Ok(lookup)) => addresses_in(&lookup),
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

fn problem_of(error: &NetError) -> Result<Vec<IpAddr>, DnsProblem> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => Err(DnsProblem::NxDomain),
            ResponseCode::NoError => Ok(Vec::new()),
            _ => Err(DnsProblem::ServFail),
        },
        NetError::Dns(DnsError::ResponseCode(ResponseCode::NXDomain)) => Err(DnsProblem::NxDomain),
        NetError::Timeout => Err(DnsProblem::Timeout),
        _ => Err(DnsProblem::ServFail),
    }
}
