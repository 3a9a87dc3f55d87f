//! Looking the server up, reaching it, securing the connection: one step each.

use jiff::{civil::Date, tz::TimeZone};

use crate::{
    domain::{check::Outcome, exchange::CertificatePin},
    net::{
        dialer::{CertificateFacts, Connected, Dialer, Resolved, Secured},
        guard::HostName,
    },
    verification::{
        cut::Cut,
        evidence::{Evidence, Finding},
        progress::Running,
        rules::{Scene, Speaker, finding},
        run::Run,
        step::StepId,
    },
};

/// A certificate that ends in fewer days than this is worth a word.
const SOON: i32 = 30;

/// The most names of a certificate that are shown.
const NAMES: usize = 6;

/// The most addresses of a server that are shown.
const MOST_SHOWN: usize = 6;

/// The way to a server, as steps of a run.
pub(super) struct Approach<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) dialer: &'a Dialer,
    pub(super) pin: Option<&'a CertificatePin>,
}

impl Approach<'_> {
    /// A secured connection; `None` when a step on the way failed.
    pub(super) async fn connect(&self, host: &HostName, cut: &Cut) -> Option<Secured> {
        let resolved = self.dns(host, cut).await?;
        let connected = self.tcp(resolved, cut).await?;
        self.tls(connected, cut).await
    }

    async fn dns(&self, host: &HostName, cut: &Cut) -> Option<Resolved> {
        let mut running = self.run.progress.begin(StepId::Dns);
        running.learn("Server", host.as_str());
        match in_time(cut, self.dialer.resolve(host)).await {
            Ok(resolved) => {
                let addresses = resolved.addresses().iter().take(MOST_SHOWN).map(ToString::to_string);
                running.learn("Addresses", addresses.collect::<Vec<_>>().join(", "));
                self.run.progress.end(running, Outcome::Passed, None).await;
                Some(resolved)
            }
            Err(evidence) => self.failed(running, &evidence).await,
        }
    }

    async fn tcp(&self, resolved: Resolved, cut: &Cut) -> Option<Connected> {
        let running = self.run.progress.begin(StepId::Tcp);
        match in_time(cut, resolved.connect()).await {
            Ok(connected) if connected.ipv6_broken() => {
                self.run.progress.end(running, Outcome::Warning, Some("ipv6_broken")).await;
                Some(connected)
            }
            Ok(connected) => {
                self.run.progress.end(running, Outcome::Passed, None).await;
                Some(connected)
            }
            Err(evidence) => self.failed(running, &evidence).await,
        }
    }

    async fn tls(&self, connected: Connected, cut: &Cut) -> Option<Secured> {
        let mut running = self.run.progress.begin(StepId::Tls);
        let Some(secured) = cut.before(connected.secure(self.pin)).await else {
            return self.failed(running, &Evidence::OutOfTime).await;
        };
        match secured {
            Ok(secured) => {
                self.secured(running, &secured).await;
                Some(secured)
            }
            Err(unsecured) => {
                if let Some(certificate) = &unsecured.certificate {
                    describe(&mut running, certificate, self.run.today);
                }
                self.failed(running, &Evidence::Lost(unsecured.failure)).await
            }
        }
    }

    async fn secured(&self, mut running: Running, secured: &Secured) {
        let tls = secured.tls();
        let trust = if tls.pinned { ", trusted because of the fingerprint you gave" } else { "" };
        running.learn("Encryption", format!("{} with {}{trust}", tls.version, tls.suite));
        let days = describe(&mut running, secured.certificate(), self.run.today);
        let soon = (days < SOON).then_some(Finding::CertificateEndsSoon);
        let legacy = tls.legacy.then_some(Finding::LegacyEncryption);
        let found = soon.or(legacy);
        if let Some(second) = soon.and(legacy) {
            self.run.note(|notes| notes.warned.push(second));
        }
        let outcome = if found.is_some() { Outcome::Warning } else { Outcome::Passed };
        self.run.progress.end(running, outcome, found.map(finding)).await;
    }

    async fn failed<T>(&self, running: Running, evidence: &Evidence) -> Option<T> {
        let scene = Scene::of(Speaker::Exchange, running.id());
        self.run.fail(running, evidence, scene).await;
        None
    }
}

/// What comes before the time of the check is over.
async fn in_time<T>(
    cut: &Cut,
    work: impl Future<Output = Result<T, crate::net::Failure>>,
) -> Result<T, Evidence> {
    cut.before(work).await.ok_or(Evidence::OutOfTime)?.map_err(Evidence::Lost)
}

/// Shows what a certificate says of itself; gives the days until it ends.
fn describe(running: &mut Running, certificate: &CertificateFacts, today: Date) -> i32 {
    let day = |moment: jiff::Timestamp| moment.to_zoned(TimeZone::UTC).date();
    let mut names = certificate.names.iter().take(NAMES).cloned().collect::<Vec<_>>().join(", ");
    if certificate.names.len() > NAMES {
        names.push_str(", …");
    }
    running.learn("Certificate for", if names.is_empty() { "no host".to_owned() } else { names });
    running.learn("Issued by", certificate.issuer.as_str());
    let last = day(certificate.valid_until);
    let days = (last - today).get_days();
    running.learn("Valid", format!("{} to {last} ({})", day(certificate.valid_from), left(days)));
    running.learn("SHA-256 fingerprint", certificate.sha256.as_str());
    days
}

/// How far its end is: in days within a year, in years beyond.
fn left(days: i32) -> String {
    let far = |days: i32| match days / 365 {
        0 if days == 1 => "1 day".to_owned(),
        0 => format!("{days} days"),
        1 => "more than a year".to_owned(),
        years => format!("more than {years} years"),
    };
    if days < 0 { format!("ended {} ago", far(-days)) } else { format!("{} left", far(days)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_told_in_days_or_years() {
        for (days, words) in [
            (-400, "ended more than a year ago"),
            (-1, "ended 1 day ago"),
            (0, "0 days left"),
            (1, "1 day left"),
            (29, "29 days left"),
            (364, "364 days left"),
            (365, "more than a year left"),
            (825, "more than 2 years left"),
            (35_469, "more than 97 years left"),
        ] {
            assert_eq!(left(days), words);
        }
    }
}
