//! What lies between this machine and others: the network, the mail server, the sites' addresses.

use std::{net::IpAddr, path::Path, time::Duration};

use rustix::fs::{Access, access};

use super::{Finding, Findings};
use crate::{
    app::outside,
    config::{Settings, Site, Smtp, Transport},
    net::guard,
    notify::mailer::Mailer,
};

/// What production is called in `[product] environment`.
const PRODUCTION: &str = "production";
/// A mail server that does not answer within this time delays every mail.
const CALL: Duration = Duration::from_secs(10);

pub(super) fn network(settings: &Settings, findings: &mut Findings) {
    let overrides = settings.network.overrides();
    findings.add(if overrides.is_empty() {
        Finding::good("network", "connections go to the real internet")
    } else {
        let text = format!("{} set: connections do not go to the real internet", overrides.join(", "));
        Finding::red("network", text, "take them out for real use; they are for tests and the demo")
    });
}

pub(super) async fn mail(settings: &Settings, findings: &mut Findings) {
    findings.add(match &settings.mail.transport {
        Transport::Files { dir } if settings.product.environment == PRODUCTION => Finding::red(
            "mail",
            format!("mails are written to {} and sent to nobody, and this is production", dir.display()),
            "set [mail] transport = \"smtp\" and host",
        ),
        Transport::Files { dir } => folder(dir),
        Transport::Smtp(smtp) => server(settings, smtp).await,
    });
}

/// A folder that is not there yet is made with the first mail, where that can be done.
fn folder(dir: &Path) -> Finding {
    let nearest = dir.ancestors().find(|folder| folder.exists() || folder.as_os_str().is_empty());
    let nearest = nearest.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if nearest.is_dir() && access(nearest, Access::WRITE_OK).is_ok() {
        let text = format!("mails are written to {} and sent to nobody", dir.display());
        Finding::note("mail", text, "set [mail] transport = \"smtp\" for mails that arrive")
    } else {
        let text = format!("mails cannot be written to {}", dir.display());
        Finding::red("mail", text, format!("let this user write to {}, or set [mail] dir", nearest.display()))
    }
}

async fn server(settings: &Settings, smtp: &Smtp) -> Finding {
    let name = format!("{} on port {}", smtp.host, smtp.port);
    let mailer = match outside::mailer(settings) {
        Ok(mailer) => mailer,
        Err(error) => return Finding::red("mail", error.to_string(), "see [network] extra_roots"),
    };
    let Mailer::Smtp(server) = mailer else {
        return Finding::red("mail", "the mailer is not the one of the settings", "report this fault");
    };
    let to_do = "see [mail] host, port, security, user and password, and whether this machine may call it";
    match tokio::time::timeout(CALL, server.greet()).await {
        Ok(Ok(())) => Finding::good("mail", format!("{name} takes our call; no mail was sent")),
        Ok(Err(error)) => Finding::red("mail", format!("{name}: {error}"), to_do),
        Err(_) => Finding::red("mail", format!("{name} does not answer within {} s", CALL.as_secs()), to_do),
    }
}

pub(super) fn sites(settings: &Settings, findings: &mut Findings) {
    for (name, proxies, site) in
        [("portal", "portal proxies", &settings.portal), ("staff", "staff proxies", &settings.staff)]
    {
        let address = site.public_url.to_string();
        findings.add(if site.public_url.is_secure() {
            Finding::good(name, format!("people open it at {address}"))
        } else if settings.product.environment == PRODUCTION {
            Finding::red(
                name,
                format!("people open it at {address} without https, and this is production"),
                format!(
                    "set [{name}] public_url to its https address, with its certificate or trusted_proxies"
                ),
            )
        } else {
            Finding::note(
                name,
                format!(
                    "people open it at {address} without https, which browsers take only on this machine"
                ),
                format!("set [{name}] public_url to its https address for real use"),
            )
        });
        findings.add(trusted(name, proxies, site));
    }
}

fn trusted(name: &str, what: &'static str, site: &Site) -> Finding {
    if site.trusted_proxies.iter().any(crate::config::AddressRange::is_wide) {
        return Finding::red(
            what,
            "trusted_proxies covers a large part of all addresses: anybody could claim to come from anywhere",
            format!("name the proxies' own addresses in [{name}] trusted_proxies"),
        );
    }
    match (site.trusted_proxies.len(), &site.tls) {
        (0, Some(_)) => Finding::good(what, "none: TLS ends here"),
        (0, None) => Finding::good(what, "none: people's addresses are taken from their connections"),
        (some, _) => Finding::good(what, format!("{some} addresses or ranges are believed")),
    }
}

/// The addresses that customers put on their allow-lists.
pub(super) fn outgoing(settings: &Settings, findings: &mut Findings) {
    let told = &settings.about.egress_addresses;
    let start = |text: &str| text.split('/').next().and_then(|start| start.parse::<IpAddr>().ok());
    let inner: Vec<&str> = told
        .iter()
        .filter(|text| start(text).is_some_and(|address| guard::is_private(address) || address.is_loopback()))
        .map(String::as_str)
        .collect();
    findings.add(if told.is_empty() {
        Finding::note(
            "outgoing",
            "no outgoing addresses are told to customers, so their firewalls cannot let us in by address",
            "set [about] egress_addresses to the fixed addresses that the workers' connections come from",
        )
    } else if inner.is_empty() {
        Finding::good("outgoing", format!("customers are told {}", told.join(", ")))
    } else {
        Finding::red(
            "outgoing",
            format!("customers are told {}, which nobody outside ever sees", inner.join(", ")),
            "set [about] egress_addresses to the public addresses that the workers' connections come from",
        )
    });
}

pub(super) fn about(settings: &Settings, findings: &mut Findings) {
    let unset = settings.about.unset();
    findings.add(if unset.is_empty() {
        Finding::good("about", "pages know who you are")
    } else {
        Finding::note("about", format!("pages go without {}", unset.join(", ")), "set them in [about]")
    });
}
