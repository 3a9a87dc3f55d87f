//! Finding the server by the domain of the mailbox.
//!
//! Microsoft 365 is asked first whether the mailbox is there: that takes no credential. Then the domain itself and its
//! autodiscover host are looked at without a password, at the same time; then where plain HTTP and the service record
//! lead. A password leaves only for a place within the domain that was agreed to, over a trusted connection (the pinned
//! one where there is a pin), after a challenge that offers Basic and an answer that looks like Exchange; and once one
//! place has been given it, no other is. What leads out of the domain is told to the admin, who may enter it in the
//! form: that is the agreement.

use std::sync::{Mutex, PoisonError};

use http::StatusCode;

use crate::{
    domain::{address::MailAddress, check::Outcome, exchange::CertificatePin},
    net::{
        Net,
        dialer::{Authorization, Secured},
        guard::HostName,
    },
    verification::{
        cut::Cut,
        diagnose::cause_of,
        evidence::{Evidence, Finding},
        ews::{Body, NotRead, read_xml, shown},
        progress::Running,
        rules::{Scene, Speaker, finding},
        run::Run,
        scrub::Scrub,
        step::StepId,
    },
};

use super::{
    agreement::Agreement,
    cloud,
    gate::Gate,
    place::{Named, Place, ews_host, is_cloud, is_within},
    pox::{self, Told},
    probe::{Tried, look, question},
};

/// The most places looked at one after the other.
const HOPS: usize = 10;

/// The most addresses by which one server wants to be asked.
const ADDRESSES: usize = 3;

/// The most characters of what a server says.
const SAID: usize = 160;

/// What is searched with.
pub(super) struct Search<'a> {
    pub(super) net: &'a Net,
    /// The run whose steps tell of each place.
    pub(super) run: &'a Run<'a>,
    pub(super) pin: Option<&'a CertificatePin>,
    pub(super) mailbox: &'a MailAddress,
    /// Its domain.
    pub(super) domain: &'a str,
    /// Where the password may go.
    pub(super) agreement: &'a Agreement<'a>,
    pub(super) gate: &'a Gate<'a>,
    pub(super) scrub: &'a Scrub,
    pub(super) cut: &'a Cut,
    /// Places that were looked at.
    pub(super) seen: Mutex<Vec<String>>,
}

/// Why a way did not lead to the server.
enum End {
    /// Nothing there: the next way may.
    Nothing,
    /// Something there that the admin should know if no other way leads there.
    Objection(Evidence),
    /// Nothing else may be tried.
    Stop(Evidence),
}

impl Search<'_> {
    /// The host of EWS. Each place that is asked is a step of its own, and a fact of the search.
    pub(super) async fn find(&self, running: &mut Running) -> Result<HostName, Evidence> {
        let domain = self.domain;
        let (Some(root), Some(usual)) =
            (HostName::parse(domain), HostName::parse(&format!("autodiscover.{domain}")))
        else {
            return Err(Evidence::Found(Finding::NothingFound));
        };
        let (root, usual) = (Place::of(root), Place::of(usual));
        let hops =
            [StepId::HopCloud, StepId::HopRoot, StepId::HopHost].map(|hop| self.run.progress.begin(hop));
        let [mut cloud_hop, root_hop, usual_hop] = hops;
        let (hosted, at_root, at_usual) = tokio::join!(
            cloud::ask(self.net.provider(), self.mailbox.as_str(), self.cut),
            self.visit(&root),
            self.visit(&usual),
        );
        let told = self.told_by_cloud(hosted, &mut cloud_hop);
        self.ended(cloud_hop, told.as_ref(), None, running).await;
        if let Some(found) = told {
            return found;
        }
        let mut objection = None;
        for (place, tried, hop) in [(root, at_root, root_hop), (usual.clone(), at_usual, usual_hop)] {
            if let Some(ended) = self.way(place, tried, hop, &mut objection, running).await {
                return ended;
            }
        }
        for (hop, place) in self.hearsay(&usual, &mut objection, running).await {
            let tried = self.visit(&place).await;
            if let Some(ended) = self.way(place, tried, hop, &mut objection, running).await {
                return ended;
            }
        }
        Err(objection.unwrap_or(Evidence::Found(Finding::NothingFound)))
    }

    /// Ends the step of one place. It found the server, or it did not; it is never what fails a check.
    async fn ended(
        &self,
        hop: Running,
        ended: Option<&Result<HostName, Evidence>>,
        objection: Option<&Evidence>,
        running: &mut Running,
    ) {
        running.learn_from(&hop);
        let evidence = objection.or(match ended {
            Some(Err(evidence)) => Some(evidence),
            _ => None,
        });
        let scene = Scene::of(Speaker::Exchange, hop.id());
        let cause = evidence.map(|evidence| cause_of(evidence, &scene));
        let outcome = if matches!(ended, Some(Ok(_))) { Outcome::Passed } else { Outcome::Skipped };
        self.run.progress.end(hop, outcome, cause).await;
    }

    /// What Microsoft 365 said of the mailbox, where that decides.
    fn told_by_cloud(
        &self,
        url: Option<String>,
        running: &mut Running,
    ) -> Option<Result<HostName, Evidence>> {
        let Some(host) = url.as_deref().and_then(ews_host) else {
            running.learn("Microsoft 365", "does not know the mailbox");
            return None;
        };
        running.learn("Microsoft 365", format!("says that the mailbox is at {host}"));
        if is_cloud(&host) {
            return Some(Err(Evidence::Found(Finding::InCloud)));
        }
        self.is_ours(&host).then_some(Ok(host))
    }

    /// Follows one way to its end; `None` when the next one is to be tried.
    async fn way(
        &self,
        place: Place,
        tried: Tried,
        mut hop: Running,
        objection: &mut Option<Evidence>,
        running: &mut Running,
    ) -> Option<Result<HostName, Evidence>> {
        if matches!(tried, Tried::Elsewhere(_)) && hop.id() == StepId::HopRoot {
            hop.notice(finding(Finding::RootIsWebSite));
        }
        let (ended, objected) = match self.follow(place, tried, &mut hop).await {
            Ok(host) => (Some(Ok(host)), None),
            Err(End::Stop(evidence)) => (Some(Err(evidence)), None),
            Err(End::Objection(evidence)) => (None, Some(evidence)),
            Err(End::Nothing) => (None, None),
        };
        self.ended(hop, ended.as_ref(), objected.as_ref(), running).await;
        if let Some(evidence) = objected {
            objection.get_or_insert(evidence);
        }
        ended
    }

    async fn follow(&self, place: Place, tried: Tried, running: &mut Running) -> Result<HostName, End> {
        let (mut place, mut tried) = (place, tried);
        loop {
            let to = match tried {
                Tried::Tells(url) => {
                    running.learn(place.host.as_str(), "says where EWS is");
                    return self.accept(&url, false, running).await;
                }
                Tried::Asks(line) => {
                    self.may_be_asked(&line, &place, running)?;
                    running.learn(place.host.as_str(), "an Exchange server; asked with the password");
                    match self.ask(*line, &place, running).await? {
                        Asked::Found(host) => return Ok(host),
                        Asked::Leads(to) => to,
                    }
                }
                Tried::Leads(to) => to,
                Tried::Busy(answer) => {
                    running.learn(place.host.as_str(), "an Exchange server that is busy");
                    let shown = shown(&answer, &Body::Other, self.scrub);
                    return Err(End::Objection(Evidence::Shown(Box::new(shown))));
                }
                Tried::OtherNames => {
                    running.learn(place.host.as_str(), "its certificate is for other names");
                    return Err(End::Objection(Evidence::Found(Finding::AliasCertificate)));
                }
                Tried::Elsewhere(why) | Tried::Nothing(why) => {
                    running.learn(place.host.as_str(), self.scrub.clean(&why, SAID));
                    return Err(End::Nothing);
                }
            };
            place = self.lead(&place, &to, running)?;
            tried = self.visit(&place).await;
        }
    }

    /// Whether a place may be shown the password; the next way may lead to one that may.
    fn may_be_asked(&self, line: &Secured, place: &Place, running: &mut Running) -> Result<(), End> {
        let pinned = self.pin.is_none() || line.tls().pinned;
        let allowed = if pinned { self.agreement.allows(&place.host) } else { Err(Finding::NotAgreed) };
        allowed.map_err(|finding| {
            let why = if pinned { "" } else { ": it has not the certificate whose fingerprint you gave" };
            running.learn(place.host.as_str(), format!("an Exchange server; was not sent the password{why}"));
            End::Objection(Evidence::Found(finding))
        })
    }

    /// The place that another one leads to, if it may be looked at.
    fn lead(&self, from: &Place, to: &str, running: &mut Running) -> Result<Place, End> {
        running.learn(from.host.as_str(), format!("leads to {}", self.scrub.clean(to, SAID)));
        let found = |finding| End::Objection(Evidence::Found(finding));
        let place = match from.lead(to) {
            Named::Place(place) => place,
            Named::Insecure => return Err(found(Finding::InsecureRedirect)),
            Named::Nowhere => return Err(found(Finding::OtherDomain)),
        };
        if is_cloud(&place.host) {
            return Err(End::Stop(Evidence::Found(Finding::InCloud)));
        }
        if !self.is_ours(&place.host) {
            return Err(found(Finding::OtherDomain));
        }
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= HOPS || seen.contains(&name(&place)) {
            return Err(found(Finding::RedirectLoop));
        }
        Ok(place)
    }

    /// Looks at a place without a password, and remembers it.
    async fn visit(&self, place: &Place) -> Tried {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(name(place));
        look(self.net.dialer(), self.pin, place, self.mailbox.as_str()).await
    }

    /// Places that unprotected answers name: they are worth a look when they lie within the domain, where only a
    /// certificate for the domain makes them speak. Each comes with the step that has begun for it.
    async fn hearsay(
        &self,
        usual: &Place,
        objection: &mut Option<Evidence>,
        running: &mut Running,
    ) -> Vec<(Running, Place)> {
        let domain = HostName::parse(self.domain);
        let [plain_hop, service_hop] =
            [StepId::HopPlain, StepId::HopService].map(|hop| self.run.progress.begin(hop));
        let (plain, services) = tokio::join!(self.net.dialer().ask_plain(&usual.host, &usual.path), async {
            match &domain {
                Some(domain) => self.net.dialer().services(domain).await.unwrap_or_default(),
                None => Vec::new(),
            }
        });
        let led =
            plain.ok().filter(|answer| answer.status.is_redirection()).and_then(|answer| answer.location);
        let service = services.into_iter().next().map(|service| Place::of(service.host));
        let service = service.map(|place| format!("https://{}{}", place.host, place.path));
        let mut places: Vec<(Running, Place)> = Vec::new();
        for (mut hop, to) in [(plain_hop, led), (service_hop, service)] {
            let Some(to) = to else {
                hop.learn("Leads", "nowhere");
                self.ended(hop, None, None, running).await;
                continue;
            };
            match self.lead(usual, &to, &mut hop) {
                Ok(place) if places.iter().all(|(_, known)| *known != place) => places.push((hop, place)),
                // Back to where we were: nothing new.
                Ok(_) | Err(End::Nothing | End::Objection(Evidence::Found(Finding::RedirectLoop))) => {
                    self.ended(hop, None, None, running).await;
                }
                Err(End::Objection(evidence) | End::Stop(evidence)) => {
                    self.ended(hop, None, Some(&evidence), running).await;
                    objection.get_or_insert(evidence);
                }
            }
        }
        places
    }

    /// Asks with the password. The first place that gets it is the only one: whatever it says ends the search, unless it
    /// leads on within the domain after having accepted it.
    async fn ask(&self, mut line: Secured, place: &Place, running: &mut Running) -> Result<Asked, End> {
        let credential = self.gate.open(running).await.map_err(End::Stop)?;
        let mut address = self.mailbox.clone();
        for _ in 0..ADDRESSES {
            let answer = self.posted(&mut line, place, &address, credential).await?;
            let told = pox::read(&answer.body);
            if matches!(told, Told::Odd) {
                return Err(End::Stop(self.evidence(&answer)));
            }
            self.gate.judged(true).await;
            match self.other_address(&told, &address, place, running) {
                Some(other) => address = other,
                None => return self.heard(told, place, running).await,
            }
        }
        Err(End::Stop(Evidence::Found(Finding::RedirectLoop)))
    }

    /// Another address of the same domain, by which the same server wants to be asked.
    fn other_address(
        &self,
        told: &Told,
        asked: &MailAddress,
        place: &Place,
        running: &mut Running,
    ) -> Option<MailAddress> {
        let Told::OtherAddress(other) = told else { return None };
        let other = MailAddress::parse(other.trim()).ok()?;
        let same = other.domain() == asked.domain() && other != *asked;
        same.then(|| {
            let said = format!("knows the mailbox as {}", self.scrub.clean(other.as_str(), SAID));
            running.learn(place.host.as_str(), said);
            other
        })
    }

    async fn posted(
        &self,
        line: &mut Secured,
        place: &Place,
        address: &MailAddress,
        credential: &Authorization,
    ) -> Result<crate::net::Answer, End> {
        let sent = line.send_as(question(place, address.as_str()), credential).await;
        let answer = sent.map_err(|failure| End::Stop(Evidence::Lost(failure)))?;
        if answer.status == StatusCode::UNAUTHORIZED {
            self.gate.judged(false).await;
        }
        if answer.status == StatusCode::OK { Ok(answer) } else { Err(End::Stop(self.evidence(&answer))) }
    }

    async fn heard(&self, told: Told, place: &Place, running: &mut Running) -> Result<Asked, End> {
        let stop = |finding| Err(End::Stop(Evidence::Found(finding)));
        match told {
            Told::Ews { url, inside } => self.accept(&url, inside, running).await.map(Asked::Found),
            Told::NoEws => stop(Finding::NoEwsUrl),
            Told::OtherPlace(to) => Ok(Asked::Leads(to)),
            Told::OtherAddress(address) => {
                running.learn(
                    place.host.as_str(),
                    format!("knows the mailbox as {}", self.scrub.clean(&address, SAID)),
                );
                let cloud = address.trim().to_ascii_lowercase().ends_with(".onmicrosoft.com");
                stop(if cloud { Finding::InCloud } else { Finding::OtherDomain })
            }
            Told::Error(number, words) => {
                let said = format!("{number} {words}");
                running.learn(place.host.as_str(), self.scrub.clean(&said, SAID));
                stop(if number == "500" { Finding::UnknownAddress } else { Finding::NoEwsUrl })
            }
            Told::Odd => stop(Finding::NoEwsUrl),
        }
    }

    /// Takes the address of EWS, if its host lies within the domain.
    async fn accept(&self, url: &str, inside: bool, running: &mut Running) -> Result<HostName, End> {
        running.learn("EWS", self.scrub.clean(url, SAID));
        let stop = |finding| Err(End::Stop(Evidence::Found(finding)));
        let Some(host) = ews_host(url) else { return stop(Finding::InternalUrlOnly) };
        if is_cloud(&host) {
            return stop(Finding::InCloud);
        }
        if inside && self.net.dialer().resolve(&host).await.is_err() {
            return stop(Finding::InternalUrlOnly);
        }
        if self.is_ours(&host) { Ok(host) } else { stop(Finding::OtherDomain) }
    }

    fn is_ours(&self, host: &HostName) -> bool {
        is_within(host, self.domain)
    }

    fn evidence(&self, answer: &crate::net::Answer) -> Evidence {
        let beyond = matches!(read_xml(&answer.body), Err(NotRead::Beyond));
        let body = if beyond { Body::Beyond } else { Body::Other };
        Evidence::Shown(Box::new(shown(answer, &body, self.scrub)))
    }
}

/// What a place said to the password.
enum Asked {
    Found(HostName),
    Leads(String),
}

fn name(place: &Place) -> String {
    format!("{}{}", place.host, place.path.to_ascii_lowercase())
}
