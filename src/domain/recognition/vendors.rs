//! Whose hosts the names are that a domain's public records lead to. A name belongs to the longest ending that fits.
//!
//! The endings are those that the vendors tell their own customers to enter; one more is one more row.

/// What a vendor does with the mail of an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is Microsoft 365.
    Microsoft,
    /// It is Google Workspace.
    Google,
    /// It keeps the mailboxes on a system of its own.
    Host,
    /// It looks at the mail and hands it on: what is behind it, it does not tell.
    Filter,
}

/// Somebody whose hosts are told by the ending of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vendor {
    /// What people call it.
    pub name: &'static str,
    /// What it does.
    pub part: Part,
}

const fn is(part: Part, name: &'static str) -> Vendor {
    Vendor { name, part }
}

const MICROSOFT: Vendor = is(Part::Microsoft, "Microsoft 365");
const GOOGLE: Vendor = is(Part::Google, "Google Workspace");

const ENDINGS: &[(&str, Vendor)] = &[
    ("mail.protection.outlook.com", MICROSOFT),
    ("mx.microsoft", MICROSOFT),
    ("mail.protection.office365.us", MICROSOFT),
    ("mail.protection.partner.outlook.cn", MICROSOFT),
    ("autodiscover.outlook.com", MICROSOFT),
    ("autodiscover-s.office365.us", MICROSOFT),
    ("autodiscover.partner.outlook.cn", MICROSOFT),
    ("outlook.office365.com", MICROSOFT),
    ("google.com", GOOGLE),
    ("googlemail.com", GOOGLE),
    ("secureserver.net", is(Part::Host, "GoDaddy")),
    ("emailsrvr.com", is(Part::Host, "Rackspace")),
    ("serverdata.net", is(Part::Host, "Intermedia")),
    ("zoho.com", is(Part::Host, "Zoho")),
    ("zoho.eu", is(Part::Host, "Zoho")),
    ("yahoodns.net", is(Part::Host, "Yahoo")),
    ("registrar-servers.com", is(Part::Host, "Namecheap")),
    ("privateemail.com", is(Part::Host, "Namecheap")),
    ("hostedemail.com", is(Part::Host, "Tucows")),
    ("kundenserver.de", is(Part::Host, "IONOS")),
    ("ionos.com", is(Part::Host, "IONOS")),
    ("perfora.net", is(Part::Host, "IONOS")),
    ("networksolutionsemail.com", is(Part::Host, "Network Solutions")),
    ("messagingengine.com", is(Part::Host, "Fastmail")),
    ("mail.icloud.com", is(Part::Host, "iCloud")),
    ("protonmail.ch", is(Part::Host, "Proton")),
    ("dreamhost.com", is(Part::Host, "DreamHost")),
    ("bluehost.com", is(Part::Host, "Bluehost")),
    ("hostgator.com", is(Part::Host, "HostGator")),
    ("pphosted.com", is(Part::Filter, "Proofpoint")),
    ("ppe-hosted.com", is(Part::Filter, "Proofpoint")),
    ("mimecast.com", is(Part::Filter, "Mimecast")),
    ("barracudanetworks.com", is(Part::Filter, "Barracuda")),
    ("messagelabs.com", is(Part::Filter, "Symantec")),
    ("iphmx.com", is(Part::Filter, "Cisco")),
    ("mailcontrol.com", is(Part::Filter, "Forcepoint")),
    ("hydra.sophos.com", is(Part::Filter, "Sophos")),
    ("trendmicro.com", is(Part::Filter, "Trend Micro")),
    ("trendmicro.eu", is(Part::Filter, "Trend Micro")),
    ("hornetsecurity.com", is(Part::Filter, "Hornetsecurity")),
    ("antispamcloud.com", is(Part::Filter, "SpamExperts")),
    ("arsmtp.com", is(Part::Filter, "AppRiver")),
    ("reflexion.net", is(Part::Filter, "Reflexion")),
];

/// Whose host this is, where we know. The name is in lower case, without a dot at its end.
pub fn vendor_of(host: &str) -> Option<Vendor> {
    let fits =
        |ending: &str| host.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    ENDINGS
        .iter()
        .filter(|(ending, _)| fits(ending))
        .max_by_key(|(ending, _)| ending.len())
        .map(|(_, vendor)| *vendor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_counts_from_a_dot_on() {
        let name = |host| vendor_of(host).map(|vendor| vendor.name);
        assert_eq!(name("lakeshore-example.mail.protection.outlook.com"), Some("Microsoft 365"));
        assert_eq!(name("aspmx.l.google.com"), Some("Google Workspace"));
        assert_eq!(name("smtp.secureserver.net"), Some("GoDaddy"));
        for other in
            ["notgoogle.com", "google.com.lakeshore.example", "mail.lakeshore.example", "outlook.com", ""]
        {
            assert_eq!(name(other), None, "{other}");
        }
    }
}
