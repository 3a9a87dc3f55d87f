//! The net as a whole, made once a process.

use std::sync::Arc;

use super::{
    dial::Dial,
    dialer::Dialer,
    provider::ProviderClient,
    resolver::Resolver,
    route::Route,
    settings::{Settings, SettingsProblem},
    tls,
};

/// The way out. Cheap to clone.
#[derive(Clone)]
pub struct Net {
    provider: ProviderClient,
    dialer: Dialer,
}

impl Net {
    /// Makes the net from its settings.
    ///
    /// Errs when an extra root cannot be read or the machine has no resolver.
    pub fn new(settings: Settings) -> Result<Self, SettingsProblem> {
        let roots = Arc::new(tls::roots(&settings.extra_roots)?);
        let resolver = Resolver::new(settings.resolver, settings.own_addresses, settings.caps.resolve)?;
        let dial = Dial::new(settings.dial, settings.only_mapped);
        let route = Arc::new(Route { resolver, dial });
        let dialer = Dialer::new(Arc::clone(&route), Arc::clone(&roots), settings.caps);
        let provider = ProviderClient::new(route, tls::config_with(roots)?, settings.caps)?;
        Ok(Self { provider, dialer })
    }

    /// The client for hosts of providers and hosts that the operator names.
    pub const fn provider(&self) -> &ProviderClient {
        &self.provider
    }

    /// The dialer for hosts that customers name.
    pub const fn dialer(&self) -> &Dialer {
        &self.dialer
    }
}
