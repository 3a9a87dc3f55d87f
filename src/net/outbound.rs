//! The net as a whole, made once a process.

use super::{
    dial::Dial,
    provider::{ProviderClient, Route},
    resolver::Resolver,
    settings::{Settings, SettingsProblem},
    tls,
};

/// The way out. Cheap to clone.
#[derive(Clone)]
pub struct Net {
    provider: ProviderClient,
}

impl Net {
    /// Makes the net from its settings.
    ///
    /// Errs when an extra root cannot be read or the machine has no resolver.
    pub fn new(settings: Settings) -> Result<Self, SettingsProblem> {
        let tls = tls::client_config(&settings.extra_roots)?;
        let resolver = Resolver::new(settings.resolver, settings.own_addresses, settings.caps.resolve)?;
        let dial = Dial::new(settings.dial, settings.only_mapped);
        let provider = ProviderClient::new(Route { resolver, dial }, tls, settings.caps)?;
        Ok(Self { provider })
    }

    /// The client for hosts of providers and hosts that the operator names.
    pub const fn provider(&self) -> &ProviderClient {
        &self.provider
    }
}
