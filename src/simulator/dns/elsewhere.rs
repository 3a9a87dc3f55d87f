//! Domains without an office in the simulation: only their public records, for whoever looks which mail system they have.

use super::message::Data;

/// Mailboxes on a host's own system.
const HOSTED: &str = "cedarhollow.example";
/// Microsoft 365 that was bought from a reseller.
const BOUGHT: &str = "quailridge.example";
/// Microsoft 365 behind a filter.
const FILTERED: &str = "stonegate.example";
/// Mail at a host that nobody knows.
const UNKNOWN: &str = "willowbend.example";

/// What is known under a name; none when it belongs to none of these domains.
pub(super) fn records(name: &str) -> Option<Vec<Data>> {
    let mail =
        |hosts: &[&str]| hosts.iter().zip(1..).map(|(host, at)| Data::Mx(at, (*host).into())).collect();
    let outlook = || Data::Cname("autodiscover.outlook.com".into());
    match name.split_once("autodiscover.").filter(|(before, _)| before.is_empty()) {
        Some((_, BOUGHT | FILTERED)) => return Some(vec![outlook()]),
        Some(_) => return None,
        None => {}
    }
    let records: Vec<Data> = match name {
        HOSTED => mail(&["smtp.secureserver.net", "mailstore1.secureserver.net"]),
        BOUGHT => {
            let sender = "v=spf1 include:secureserver.net include:spf.protection.outlook.com -all";
            vec![
                Data::Mx(0, "quailridge-example.mail.protection.outlook.com".into()),
                Data::Txt("google-site-verification=x".into()),
                Data::Txt(sender.into()),
            ]
        }
        FILTERED => mail(&["us-smtp-inbound-1.mimecast.com", "us-smtp-inbound-2.mimecast.com"]),
        UNKNOWN => mail(&["mx.hosting.example"]),
        _ => return None,
    };
    Some(records)
}
