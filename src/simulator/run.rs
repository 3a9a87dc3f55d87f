//! A running simulator: started, looked at, changed, stopped.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::addresses::Addresses;
use super::clouds::{self, Cloud, Host};
use super::dead_ends::{self, DeadEnds};
use super::dns::server as dns;
use super::dns::zone::HOSTS;
use super::faults::{Fault, Target};
use super::google::keys::Keys;
use super::identity::Ids;
use super::listen::{self, Door, Place};
use super::log::Seen;
use super::operation::Operation;
use super::sample_key::SampleKey;
use super::settings::{Ports, Settings, StartError};
use super::tls::{self, Authority, Certificates};
use super::world::google;
use super::world::live::{Parts, Upload, World};
use super::world::mailbox::Items;
use super::world::samples::{Sample, sample_of};
use super::world::scenarios;
use super::world::sent::Sent;
use super::{control, files, keep, openid};

/// A running simulator. It stops when it is dropped; [`Simulator::shutdown`] also writes what is kept.
pub struct Simulator {
    world: Arc<World>,
    openid: openid::Provider,
    addresses: Addresses,
    samples: Vec<Sample>,
    tasks: TaskTracker,
    writer: TaskTracker,
    stop: CancellationToken,
    stop_writing: CancellationToken,
    _dead_ends: DeadEnds,
}

/// Starts a simulator; when this returns, every socket answers.
///
/// # Errors
/// When a folder or file cannot be used, an earlier run's file is damaged, the scenarios have a mistake, or a
/// socket cannot be opened. The sentence says which, and what to do.
pub async fn start(settings: Settings) -> Result<Simulator, StartError> {
    files::folder(&settings.data_dir)?;
    let scripts = scenarios::read(&settings.scenarios)?;
    let kept = keep::kept(&settings.data_dir)?;
    let authority = Authority::open(&settings.data_dir)?;
    let keys = Keys::open(&settings.data_dir)?;
    let dns = dns::bind(settings.listen_ip, settings.ports.dns).await?;
    let mut doors = Vec::new();
    let ca_file = authority.file.clone();
    let certificates = Arc::new(Certificates::new(authority, Authority::of_offices(&settings.data_dir)?));
    for (place, port) in places(settings.ports) {
        let (listener, address) = listen::bind(SocketAddr::new(settings.listen_ip, port)).await?;
        doors.push(Door { place, listener, address, certificates: certificates.clone() });
    }
    let sample_key = SampleKey::open(&settings.data_dir)?;
    let dead_ends = dead_ends::open(settings.listen_ip).await?;
    let control = control::bind(settings.control).await?;
    let world = Arc::new(World::new(Parts {
        now: settings.now.clone(),
        ids: Ids::new(&tls::seed()?),
        scripts,
        kept,
        keys,
        heal_after: settings.heal_after,
        latency: settings.latency,
        sample_key: sample_key.clone(),
    }));
    let mut addresses = Addresses::new(dns.address, ca_file);
    addresses.control = control.as_ref().map(|(_, at)| at.to_string());
    for door in &doors {
        addresses.add(door.place, door.address);
    }
    addresses.add_dead_ends(dead_ends.closed, dead_ends.silent);
    let pin = certificates.office_fingerprint();
    let sample = |tenant| sample_of(tenant, world.started, &pin, (&world.google.keys, &sample_key));
    let samples: Vec<Sample> = world.scripted().filter_map(|tenant| sample(tenant)).collect();
    let (tasks, stop, stop_writing) =
        (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
    let openid = openid::start(settings.openid, settings.now.clone(), &tls::seed()?, &tasks, &stop).await?;
    addresses.openid = Some(openid.address());
    dns::serve(dns, world.clone(), &tasks, &stop);
    for door in doors {
        let serve = listen::serve(door, world.clone(), tasks.clone(), stop.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(serve));
    }
    let writer = TaskTracker::new();
    writer.spawn(keep::keep_writing(world.clone(), settings.data_dir, stop_writing.clone()));
    let simulator = Simulator {
        world,
        openid,
        addresses,
        samples,
        tasks,
        writer,
        stop,
        stop_writing,
        _dead_ends: dead_ends,
    };
    if let Some((listener, _)) = control {
        simulator.serve_control(listener);
    }
    Ok(simulator)
}

/// What is opened, and the ports asked for.
fn places(ports: Ports) -> Vec<(Place, u16)> {
    let worldwide = Cloud::Worldwide.hosts();
    let port = |host: &Host| match host.name {
        name if name == worldwide.login.name => ports.entra,
        name if name == worldwide.graph.name => ports.graph,
        _ => 0,
    };
    let hosts = clouds::served().into_iter().chain(HOSTS);
    let mut places: Vec<(Place, u16)> = hosts.map(|host| (Place::Provider(host), port(&host))).collect();
    places.extend([(Place::Offices, ports.offices), (Place::OfficesPlain, 0)]);
    places
}

impl Simulator {
    /// Where everything is.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The company's sign-in for the staff site.
    pub fn openid(&self) -> &openid::Provider {
        &self.openid
    }

    /// One credential for each interesting outcome.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The sample of this name.
    pub fn sample(&self, name: &str) -> Option<&Sample> {
        self.samples.iter().find(|sample| sample.name == name)
    }

    /// The key file of MoxiWorks' own service account at Google, to which offices delegate; the same at each start.
    pub fn google_key(&self) -> String {
        google::moxiworks(&self.world.google.keys)
    }

    /// The requests so far, oldest first; at most the last 50,000.
    pub fn requests(&self) -> Vec<Seen> {
        self.world.log.all()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.world.log.clear();
    }

    /// How often a token was asked for in a tenant, named by name, domain or id.
    pub fn token_requests(&self, tenant: &str) -> usize {
        let name = self.world.tenant(tenant).map(|tenant| tenant.name.clone());
        let asked =
            |seen: &&Seen| seen.operation == Operation::Token && name.is_some() && seen.tenant == name;
        self.requests().iter().filter(asked).count()
    }

    /// What lies in a mailbox now; nothing when nobody has opened it yet.
    pub fn mailbox_items(&self, mailbox: &str) -> Items {
        self.world.opened(mailbox).map(|mailbox| mailbox.items()).unwrap_or_default()
    }

    /// The most connections that were open at the same time to the servers of offices.
    pub fn most_office_connections(&self) -> usize {
        self.world.office_lines.most()
    }

    /// Messages and invitations that left the simulated system; a check must cause none.
    pub fn sent_messages(&self) -> Vec<Sent> {
        self.world.sent()
    }

    /// Waits for a request that `wanted` accepts, among those kept and those to come. It never gives up: put a
    /// timeout around it.
    pub fn wait_for(&self, wanted: impl Fn(&Seen) -> bool) -> impl Future<Output = Seen> {
        self.world.log.wait_for(wanted)
    }

    /// Waits this long before every HTTP answer from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.world.set_latency(latency);
    }

    /// Plans a fault; the `times` next requests it fits will meet it, [`super::ALWAYS`] all of them. Faults that
    /// were planned earlier come first.
    pub fn inject(&self, target: Target, fault: Fault, times: u32) {
        self.world.faults.plan(target, fault, times);
    }

    /// Takes back all faults planned here; those of the tenants' scripts stay.
    pub fn clear_faults(&self) {
        self.world.faults.clear();
    }

    /// Heals a tenant at once, named by name, domain or id; false when it is none that heals.
    pub fn heal(&self, tenant: &str) -> bool {
        self.world.heal(tenant)
    }

    /// Uploads a certificate to an app, as an admin does: a file in PEM or DER.
    pub fn upload(&self, client_id: &str, file: &[u8]) -> Upload {
        self.world.upload(client_id, file)
    }

    /// The thumbprints of the certificates that lie with an app.
    pub fn thumbprints(&self, client_id: &str) -> Vec<String> {
        self.world.certificates(client_id).into_iter().map(|held| held.thumbprint).collect()
    }

    /// Stops answering, closes every connection and writes what is kept.
    pub async fn shutdown(self) {
        self.stop().await;
    }

    /// The same for one that several hold. It answers nobody any more.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        // Only now, so that the last write holds the last change.
        self.stop_writing.cancel();
        self.writer.close();
        self.writer.wait().await;
    }

    fn serve_control(&self, listener: tokio::net::TcpListener) {
        let view = control::View {
            world: self.world.clone(),
            addresses: self.addresses.clone(),
            samples: self.samples().to_vec(),
        };
        let serve = control::serve(listener, view, self.stop.clone());
        self.tasks.spawn(serve);
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.cancel();
        self.stop_writing.cancel();
    }
}
