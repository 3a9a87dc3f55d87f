//! Which mail system a domain has, by what public name servers and Microsoft's sign-in service tell of it. A guess with
//! its reasons: the admin sees both and may know better.

mod vendors;

pub use vendors::{Part, Vendor, vendor_of};

use super::{address::MailDomain, kind::AccessKind};

/// What was seen of a domain. Every name in it is a proper host name in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Seen {
    /// The hosts that take its mail (MX), the most preferred first.
    pub mail_hosts: Vec<String>,
    /// The name that `autodiscover.DOMAIN` stands for.
    pub autodiscover_alias: Option<String>,
    /// The host that its autodiscover service record names.
    pub autodiscover_service: Option<String>,
    /// Whether `autodiscover.DOMAIN` has an address at all.
    pub autodiscover_answers: bool,
    /// The domains that may send in its name (the includes of its SPF record).
    pub senders: Vec<String>,
    /// The id under which Microsoft knows it as a tenant.
    pub tenant: Option<String>,
    /// Whether the name servers kept silent on where its mail goes.
    pub silent: bool,
}

/// A mail system, as far as it is told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSystem {
    /// Microsoft 365.
    Microsoft365,
    /// Google Workspace.
    GoogleWorkspace,
    /// A server of the office's own.
    OwnServer,
    /// A host that keeps the mailboxes on a system of its own.
    Hosted(&'static str),
    /// Nothing that was seen tells.
    Unknown,
}

impl MailSystem {
    /// What people call it; a host by its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Microsoft365 => "Microsoft 365",
            Self::GoogleWorkspace => "Google Workspace",
            Self::OwnServer => "Exchange on your own server",
            Self::Hosted(name) => name,
            Self::Unknown => "a mail system that we do not know",
        }
    }

    /// Whether a kind is a way into it.
    pub const fn fits(self, kind: AccessKind) -> bool {
        match self {
            Self::Microsoft365 => !kind.is_google() && !matches!(kind, AccessKind::ExchangeBasic),
            Self::GoogleWorkspace => kind.is_google(),
            Self::OwnServer => matches!(kind, AccessKind::ExchangeBasic),
            Self::Hosted(_) | Self::Unknown => false,
        }
    }
}

/// A guess, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// The mail system.
    pub system: MailSystem,
    /// Whether the mail itself goes there: then it is as good as certain.
    pub sure: bool,
    /// Through whom Microsoft 365 or Google Workspace was probably bought: such an office may lack rights.
    pub reseller: Option<&'static str>,
    /// Who looks at the mail before it arrives.
    pub filter: Option<&'static str>,
    /// Whether a tenant of Microsoft 365 stands beside a server of the office's own.
    pub also_tenant: bool,
}

impl Recognised {
    /// The first of these kinds that leads into the system and may be chosen before anybody has.
    pub fn suggested(&self, offered: &[AccessKind]) -> Option<AccessKind> {
        offered.iter().copied().find(|kind| kind.may_be_preselected() && self.system.fits(*kind))
    }
}

/// Recognises the mail system of a domain.
pub fn recognise(domain: &MailDomain, seen: &Seen) -> Recognised {
    let with = |part: Part| {
        seen.mail_hosts.iter().find_map(|host| vendor_of(host).filter(|vendor| vendor.part == part))
    };
    let told = with(Part::Microsoft).or(with(Part::Google)).or(with(Part::Host));
    let (system, sure) = match told {
        Some(vendor) => (system_of(vendor), true),
        None => (behind(domain, seen), false),
    };
    let cloud = matches!(system, MailSystem::Microsoft365 | MailSystem::GoogleWorkspace);
    let host = |sender: &String| vendor_of(sender).filter(|vendor| vendor.part == Part::Host);
    Recognised {
        system,
        sure,
        reseller: seen.senders.iter().find_map(host).filter(|_| cloud).map(|vendor| vendor.name),
        filter: with(Part::Filter).map(|vendor| vendor.name),
        also_tenant: system == MailSystem::OwnServer && seen.tenant.is_some(),
    }
}

const fn system_of(vendor: Vendor) -> MailSystem {
    match vendor.part {
        Part::Microsoft => MailSystem::Microsoft365,
        Part::Google => MailSystem::GoogleWorkspace,
        Part::Host => MailSystem::Hosted(vendor.name),
        Part::Filter => MailSystem::Unknown,
    }
}

/// What is behind a filter or behind hosts that nobody knows: where Outlook is led, then the weaker signs.
fn behind(domain: &MailDomain, seen: &Seen) -> MailSystem {
    let led_to = seen.autodiscover_alias.as_ref().or(seen.autodiscover_service.as_ref());
    if let Some(vendor) = led_to.and_then(|host| vendor_of(host)) {
        return system_of(vendor);
    }
    let own = |host: &String| MailDomain::parse(host).is_ok_and(|host| host.is_within(domain));
    let own_mail = seen.mail_hosts.iter().any(own);
    let google =
        seen.senders.iter().any(|sender| vendor_of(sender).is_some_and(|vendor| vendor.part == Part::Google));
    match () {
        () if led_to.is_some() || (own_mail && seen.autodiscover_answers) => MailSystem::OwnServer,
        () if seen.tenant.is_some() => MailSystem::Microsoft365,
        () if google => MailSystem::GoogleWorkspace,
        () if own_mail => MailSystem::OwnServer,
        () => MailSystem::Unknown,
    }
}

#[cfg(test)]
mod tests;
