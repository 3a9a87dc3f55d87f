//! The net as a whole, made once a process.

use std::sync::Arc;

use super::{
    dial::Dial,
    dialer::Dialer,
    provider::ProviderClient,
    resolver::Resolver,
    route::{Named, Route},
    settings::{ExtraRoot, Settings, SettingsProblem},
    tls,
};

/// The way out. Cheap to clone.
#[derive(Clone)]
pub struct Net {
    provider: ProviderClient,
    dialer: Dialer,
    route: Arc<Route>,
}

impl Net {
    /// Makes the net from its settings.
    ///
    /// Errs when an extra root cannot be read or the machine has no resolver.
    pub fn new(settings: Settings) -> Result<Self, SettingsProblem> {
        let roots = Arc::new(tls::roots(&settings.extra_roots)?);
        let caps = settings.caps;
        let route = route(settings)?;
        let dialer = Dialer::new(Arc::clone(&route), Arc::clone(&roots), caps);
        let provider = ProviderClient::new(Arc::clone(&route), None, tls::config_with(roots)?, caps)?;
        Ok(Self { provider, dialer, route })
    }

    /// A client alone, for one host that the operator names: a customer's host never goes by it. Where an authority is
    /// given, it and no other is trusted.
    ///
    /// Errs when a root cannot be read or the machine has no resolver.
    pub fn to_named(
        settings: Settings,
        named: Named,
        authority: Option<ExtraRoot>,
    ) -> Result<ProviderClient, SettingsProblem> {
        let tls = match authority {
            Some(authority) => tls::config_of(&authority)?,
            None => tls::client_config(&settings.extra_roots)?,
        };
        let caps = settings.caps;
        ProviderClient::new(route(settings)?, Some(named), tls, caps)
    }

    /// The client for hosts of providers and hosts that the operator names.
    pub const fn provider(&self) -> &ProviderClient {
        &self.provider
    }

    /// What public name servers tell. No connection comes of it: what is dialled is looked up again and guarded.
    pub fn resolver(&self) -> &Resolver {
        &self.route.resolver
    }

    /// The dialer for hosts that customers name.
    pub const fn dialer(&self) -> &Dialer {
        &self.dialer
    }
}

fn route(settings: Settings) -> Result<Arc<Route>, SettingsProblem> {
    let resolver = Resolver::new(settings.resolver, settings.own_addresses, settings.caps.resolve)?;
    Ok(Arc::new(Route { resolver, dial: Dial::new(settings.dial, settings.only_mapped) }))
}
