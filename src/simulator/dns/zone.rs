//! What the simulated DNS knows, and how planned faults change it.

use std::net::{IpAddr, Ipv4Addr};

use super::elsewhere;
use super::message::{self, Code, Data, Question, Record};
use crate::simulator::clouds::{self, Host};
use crate::simulator::exchange;
use crate::simulator::faults::{Fault, Layer, Target};
use crate::simulator::world::live::World;
use crate::simulator::world::server::{Autodiscover, Firewall};
use crate::simulator::world::tenant::{Server, Tenant};

/// A stranger that redirects may lead to; it writes down who came, and with which credentials.
pub(crate) const STRANGER: Host =
    Host { name: "elsewhere.simulator.example", public: Ipv4Addr::new(20, 112, 52, 29) };

/// Google's token endpoint.
pub(crate) const GOOGLE_TOKENS: Host =
    Host { name: "oauth2.googleapis.com", public: Ipv4Addr::new(142, 250, 72, 106) };
/// The People API.
pub(crate) const PEOPLE: Host =
    Host { name: "people.googleapis.com", public: Ipv4Addr::new(142, 250, 72, 138) };
/// The Calendar API.
pub(crate) const CALENDAR: Host =
    Host { name: "www.googleapis.com", public: Ipv4Addr::new(142, 250, 72, 170) };
/// The Gmail API.
pub(crate) const GMAIL: Host =
    Host { name: "gmail.googleapis.com", public: Ipv4Addr::new(142, 250, 72, 202) };

/// The hosts beside those of the Microsoft clouds.
pub(crate) const HOSTS: [Host; 5] = [STRANGER, GOOGLE_TOKENS, PEOPLE, CALENDAR, GMAIL];

/// Where every office's own Exchange server is.
pub(crate) const OFFICES: Ipv4Addr = Ipv4Addr::new(20, 44, 17, 8);
/// Where a host is that answers over plain HTTP only.
pub(crate) const SENDS_ON: Ipv4Addr = Ipv4Addr::new(20, 44, 17, 9);
/// Where a host is on which nothing listens.
pub(crate) const CLOSED: Ipv4Addr = Ipv4Addr::new(20, 44, 17, 10);
/// Where packets vanish.
pub(crate) const SILENT: Ipv4Addr = Ipv4Addr::new(20, 44, 17, 11);

/// Where the web site of every sample domain is.
pub(crate) const WEB: Ipv4Addr = Ipv4Addr::new(20, 76, 201, 171);

/// The answer to a question; none is silence.
pub(crate) fn answer(world: &World, question: &Question) -> Option<Vec<u8>> {
    let hit =
        |target: &Target| matches!(target, Target::Name(name) if name.eq_ignore_ascii_case(&question.name));
    // A resolver asks for both families at once; only one of the two may use a fault up.
    let counted = question.kind == message::A;
    if let Some((fault, met)) = world.faults.next(Layer::Dns, counted, hit) {
        return faulty(world, question, &fault, met);
    }
    if let Some(fault) = exchange::hosts::dns_fault(&question.name, world) {
        return faulty(world, question, &fault, 0);
    }
    Some(match records(world, &question.name) {
        None => question.answer(Code::NoSuchName, &[]),
        Some(records) => question.answer(Code::Good, &matching(records, question.kind)),
    })
}

fn faulty(world: &World, question: &Question, fault: &Fault, met: usize) -> Option<Vec<u8>> {
    let name = &question.name;
    Some(match fault {
        Fault::DnsSilence => return None,
        Fault::NxDomain => question.answer(Code::NoSuchName, &[]),
        Fault::ServFail => question.answer(Code::ServerFailure, &[]),
        Fault::Addresses(list) => question.answer(Code::Good, &addresses(name, list, question.kind)),
        Fault::Rebinding(lists) => {
            let list = lists.get(met).or(lists.last()).map_or(&[][..], Vec::as_slice);
            question.answer(Code::Good, &addresses(name, list, question.kind))
        }
        Fault::Chain(names) => question.answer(Code::Good, &chain(world, name, names, question.kind)),
        _ => question.answer(Code::Good, &[]),
    })
}

fn addresses(name: &str, list: &[IpAddr], kind: u16) -> Vec<Record> {
    let record = |ip: &IpAddr| Record {
        name: name.to_owned(),
        data: match ip {
            IpAddr::V4(ip) => Data::A(*ip),
            IpAddr::V6(ip) => Data::Aaaa(*ip),
        },
    };
    matching(list.iter().map(record).collect(), kind)
}

/// Each alias points at the next; the last name's own address ends the chain when it is known.
fn chain(world: &World, name: &str, names: &[String], kind: u16) -> Vec<Record> {
    let mut records = Vec::new();
    let mut from = name.to_owned();
    for to in names {
        records.push(Record { name: from, data: Data::Cname(to.clone()) });
        from = to.clone();
    }
    records.extend(matching(self::records(world, &from.to_ascii_lowercase()).unwrap_or_default(), kind));
    records
}

fn matching(records: Vec<Record>, kind: u16) -> Vec<Record> {
    records
        .into_iter()
        .filter(|record| kind_of(&record.data) == kind || kind_of(&record.data) == message::CNAME)
        .collect()
}

fn kind_of(data: &Data) -> u16 {
    match data {
        Data::A(_) => message::A,
        Data::Aaaa(_) => message::AAAA,
        Data::Cname(_) => message::CNAME,
        Data::Mx(..) => message::MX,
        Data::Txt(_) => message::TXT,
        Data::Srv { .. } => message::SRV,
    }
}

/// What is known under a name of an office with a server of its own; none when the name does not exist.
fn office(name: &str, tenant: &Tenant, server: &Server) -> Option<Vec<Data>> {
    let script = &server.script;
    let mail = format!("mail.{}", tenant.domain);
    let at_mail = match script.firewall {
        Firewall::Open => OFFICES,
        Firewall::Closed => CLOSED,
        Firewall::Silent => SILENT,
    };
    match name.strip_suffix(tenant.domain.as_str())? {
        "" => Some(vec![Data::A(WEB), Data::Mx(10, mail)]),
        "www." => Some(vec![Data::A(WEB)]),
        "mail." => Some(vec![Data::A(at_mail)]),
        "autodiscover." => match script.autodiscover {
            Autodiscover::Service | Autodiscover::Nothing => None,
            Autodiscover::HttpRedirect => Some(vec![Data::A(SENDS_ON)]),
            _ => Some(vec![Data::A(OFFICES)]),
        },
        "_autodiscover._tcp." if script.autodiscover == Autodiscover::Service => {
            Some(vec![Data::Srv { priority: 0, weight: 0, port: 443, host: mail }])
        }
        _ => None,
    }
}

/// What is known under a name of an office with a Google Workspace; none when the name does not exist.
fn workspace(name: &str, domain: &str) -> Option<Vec<Data>> {
    match name.strip_suffix(domain)? {
        "" => {
            let sender = "v=spf1 include:_spf.google.com ~all".to_owned();
            Some(vec![Data::A(WEB), Data::Mx(1, "smtp.google.com".into()), Data::Txt(sender)])
        }
        "www." => Some(vec![Data::A(WEB)]),
        _ => None,
    }
}

/// Everything known under a name; none when the name does not exist.
fn records(world: &World, name: &str) -> Option<Vec<Record>> {
    let record = |data| Record { name: name.to_owned(), data };
    if let Some(host) = clouds::served().iter().chain(&HOSTS).find(|host| host.name == name) {
        return Some(vec![record(Data::A(host.public))]);
    }
    if let Some(found) = elsewhere::records(name) {
        return Some(found.into_iter().map(record).collect());
    }
    for tenant in world.scripted() {
        let domain = &tenant.domain;
        if let Some(server) = &tenant.server {
            match office(name, tenant, server) {
                None => continue,
                Some(records) => return Some(records.into_iter().map(record).collect()),
            }
        }
        if tenant.google.is_some() {
            match workspace(name, domain) {
                None => continue,
                Some(records) => return Some(records.into_iter().map(record).collect()),
            }
        }
        if name == domain {
            let mail = format!("{}.mail.protection.outlook.com", domain.replace('.', "-"));
            let sender = "v=spf1 include:spf.protection.outlook.com -all".to_owned();
            return Some(vec![record(Data::A(WEB)), record(Data::Mx(0, mail)), record(Data::Txt(sender))]);
        }
        match name.strip_suffix(domain.as_str()) {
            Some("www.") => return Some(vec![record(Data::A(WEB))]),
            Some("autodiscover.") => {
                return Some(vec![record(Data::Cname("autodiscover.outlook.com".into()))]);
            }
            Some("_autodiscover._tcp.") => {
                let host = "autodiscover.outlook.com".to_owned();
                return Some(vec![record(Data::Srv { priority: 0, weight: 0, port: 443, host })]);
            }
            _ => {}
        }
    }
    None
}
