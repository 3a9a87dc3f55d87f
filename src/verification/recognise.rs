//! What can be seen of a domain's mail system from outside: four questions to name servers and one to Microsoft, at the
//! same time, none of them with anything of the office's but its domain.

use std::time::Duration;

use tokio::time::timeout;

use crate::{
    domain::{address::MailDomain, recognition::Seen},
    net::{Failure, Net, guard::HostName, resolver::Resolver},
};

use super::microsoft;

/// How long somebody waits for the page that tells; what has not answered by then is left out.
const WITHIN: Duration = Duration::from_secs(3);

/// Looks. What does not answer is as if it were not there; only silence on where the mail goes is told.
pub(super) async fn look(net: &Net, domain: &MailDomain) -> Seen {
    let (Some(host), Some(outlook)) =
        (HostName::parse(domain.as_str()), HostName::parse(&format!("autodiscover.{domain}")))
    else {
        return Seen { silent: true, ..Seen::default() };
    };
    let names = net.resolver();
    let (mail_hosts, alias, service, answers, senders, tenant) = tokio::join!(
        timeout(WITHIN, names.mail_hosts(&host)),
        timeout(WITHIN, names.alias(&outlook)),
        timeout(WITHIN, names.services("_autodiscover._tcp", &host)),
        timeout(WITHIN, answers(names, &outlook)),
        timeout(WITHIN, names.senders(&host)),
        timeout(WITHIN, microsoft::tenant_of(net.provider(), domain)),
    );
    let text = |host: &HostName| host.as_str().to_owned();
    let silent = !matches!(mail_hosts, Ok(Ok(_)));
    let service = told(service).and_then(|services| services.into_iter().next());
    Seen {
        mail_hosts: told(mail_hosts).unwrap_or_default().iter().map(text).collect(),
        autodiscover_alias: told(alias).flatten().as_ref().map(text),
        autodiscover_service: service.map(|service| text(&service.host)),
        autodiscover_answers: answers.unwrap_or(false),
        senders: told(senders).unwrap_or_default(),
        tenant: tenant.ok().flatten().map(|id| id.as_str().to_owned()),
        silent,
    }
}

fn told<T, E>(asked: Result<Result<T, Failure>, E>) -> Option<T> {
    asked.ok()?.ok()
}

/// Whether a name has an address; one inside of the office counts as well, for nothing is dialled.
async fn answers(names: &Resolver, host: &HostName) -> bool {
    matches!(names.addresses(host).await, Ok(_) | Err(Failure::Private))
}
