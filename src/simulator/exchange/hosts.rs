//! Which host name belongs to which office.

use std::sync::Arc;

use crate::simulator::faults::Fault;
use crate::simulator::world::live::World;
use crate::simulator::world::tenant::Tenant;

/// What a host of an office is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Part {
    /// The company's web site.
    Site,
    Mail,
    Autodiscover,
}

/// The office a host belongs to.
pub(crate) fn find(name: &str, world: &World) -> Option<(Arc<Tenant>, Part)> {
    let parts = [("mail.", Part::Mail), ("autodiscover.", Part::Autodiscover), ("www.", Part::Site)];
    let cut = parts.iter().find_map(|(start, part)| Some((name.strip_prefix(start)?, *part)));
    let (domain, part) = cut.unwrap_or((name, Part::Site));
    let tenant = world.tenant(domain).filter(|tenant| tenant.server.is_some())?;
    tenant.domain.eq_ignore_ascii_case(domain).then_some((tenant, part))
}

/// What is wrong with the handshake of a host, by its office's script.
pub(crate) fn tls_fault(name: &str, world: &World) -> Option<Fault> {
    let (tenant, part) = find(name, world)?;
    tenant.server.as_ref().filter(|_| part == Part::Mail)?.script.tls.clone()
}

/// What DNS says of a host instead of the truth, by its office's script.
pub(crate) fn dns_fault(name: &str, world: &World) -> Option<Fault> {
    let (tenant, part) = find(name, world)?;
    tenant.server.as_ref().filter(|_| part == Part::Mail)?.script.dns.clone()
}
