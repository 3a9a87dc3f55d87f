//! Trouble that several brokerages meet at the same time is not theirs: it is the provider's, or our own network's. Then
//! nobody is told to mend anything, and we look again until it is over.

use std::time::Duration;

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{
        check::{Again, CauseId, Report, Verdict},
        ids::BrokerageId,
    },
    store::Result,
};

/// What counts as the same time: a little longer than a look waits, so that an incident holds from look to look.
const TOGETHER: SignedDuration = SignedDuration::from_mins(12);

/// So many other brokerages make it an incident.
const OTHERS: usize = 2;

/// How long a look waits while it lasts.
const PAUSE: Duration = Duration::from_secs(10 * 60);

const PROVIDER: CauseId = CauseId::known("provider_incident");
const OUR_NETWORK: CauseId = CauseId::known("our_network_down");

/// What only a provider's own trouble says.
const OF_PROVIDER: &[&str] =
    &["entra_transient", "graph_transient", "google_transient", "transient_server_error"];

/// What nothing at all says: no answer of a name server, no answer of a host. A name that does not exist and a port that
/// refuses are answers, which our network has brought.
const OF_NETWORK: &[&str] =
    &["dns_servfail", "dns_timeout", "tcp_timeout", "tcp_unreachable", "our_network_down"];

/// The incident that a report belongs to, by what the checks of other brokerages said at about the same time.
pub(super) async fn incident_of(
    app: &App,
    brokerage: &BrokerageId,
    report: &Report,
) -> Result<Option<CauseId>> {
    let Some(cause) = report.cause.as_ref().map(CauseId::as_str) else { return Ok(None) };
    if !OF_PROVIDER.contains(&cause) && !OF_NETWORK.contains(&cause) {
        return Ok(None);
    }
    let since = app.clock.now().plus(-TOGETHER);
    let others = app.store.read().await?.causes_elsewhere(brokerage, since).await?;
    Ok(told(cause, &others))
}

/// `others` holds each other brokerage with each cause that its checks named, and none where one of them passed.
fn told(cause: &str, others: &[(BrokerageId, Option<CauseId>)]) -> Option<CauseId> {
    let brokerages = |is: &dyn Fn(&str) -> bool| {
        let met = others.iter().filter(|(_, cause)| cause.as_ref().is_some_and(|cause| is(cause.as_str())));
        let mut met: Vec<&BrokerageId> = met.map(|(brokerage, _)| brokerage).collect();
        met.sort_unstable();
        met.dedup();
        met.len()
    };
    if OF_PROVIDER.contains(&cause) {
        let same = |other: &str| other == cause || other == PROVIDER.as_str();
        return (brokerages(&same) >= OTHERS).then_some(PROVIDER);
    }
    // Only when nobody gets through: one office's firewall is its own.
    let network = |other: &str| OF_NETWORK.contains(&other);
    let all = others.iter().all(|(_, cause)| cause.as_ref().is_some_and(|cause| network(cause.as_str())));
    (all && brokerages(&network) >= OTHERS).then_some(OUR_NETWORK)
}

/// The same report as part of an incident: nobody has to act, and we look again.
pub(super) fn as_part_of(incident: CauseId, report: Report) -> Report {
    Report {
        verdict: Verdict::CouldNotTell,
        cause: Some(incident),
        again: Again::Soon(Some(PAUSE)),
        ..report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others(said: &[(u8, Option<&'static str>)]) -> Vec<(BrokerageId, Option<CauseId>)> {
        let one = |(number, cause): &(u8, Option<&'static str>)| {
            (BrokerageId::from_random([*number; 16]), cause.map(CauseId::known))
        };
        said.iter().map(one).collect()
    }

    #[test]
    fn three_brokerages_with_the_same_trouble_are_an_incident() {
        let met = others(&[(1, Some("graph_transient")), (2, Some("provider_incident")), (3, None)]);
        assert_eq!(told("graph_transient", &met), Some(PROVIDER));
        let twice = others(&[(1, Some("graph_transient")), (1, Some("provider_incident"))]);
        assert_eq!(told("graph_transient", &twice), None, "it is one brokerage");
        let other = others(&[(1, Some("entra_transient")), (2, Some("entra_transient"))]);
        assert_eq!(told("graph_transient", &other), None);
    }

    #[test]
    fn our_network_is_down_only_when_nobody_gets_through() {
        let all = others(&[(1, Some("tcp_timeout")), (2, Some("dns_timeout"))]);
        assert_eq!(told("tcp_timeout", &all), Some(OUR_NETWORK));
        for more in [None, Some("client_secret_invalid")] {
            let mut some = all.clone();
            some.extend(others(&[(3, more)]));
            assert_eq!(told("tcp_timeout", &some), None, "{more:?} got through");
        }
        assert_eq!(told("tcp_timeout", &others(&[(1, Some("tcp_timeout"))])), None);
    }
}
