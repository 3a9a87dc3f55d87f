//! The Microsoft clouds: each has a sign-in service, a mailbox service and an EWS of its own, under names of its own.

use std::net::Ipv4Addr;

use serde::Deserialize;

/// A host that the simulator serves, under the public address that DNS tells.
#[derive(Clone, Copy)]
pub(crate) struct Host {
    pub(crate) name: &'static str,
    pub(crate) public: Ipv4Addr,
}

/// Which Microsoft cloud a tenant lives in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cloud {
    #[default]
    Worldwide,
    UsGovernment,
    UsDefense,
    China,
    /// One that is told of and that nobody serves.
    Unserved,
}

/// The hosts of a cloud and what its discovery documents say.
pub(crate) struct Hosts {
    pub(crate) cloud: Cloud,
    pub(crate) login: Host,
    pub(crate) graph: Host,
    pub(crate) ews: Host,
    pub(crate) region: &'static str,
    pub(crate) sub_region: Option<&'static str>,
    pub(crate) instance: &'static str,
    /// Does the worldwide sign-in service know its tenants?
    pub(crate) known_worldwide: bool,
}

const fn host(name: &'static str, public: [u8; 4]) -> Host {
    Host { name, public: Ipv4Addr::new(public[0], public[1], public[2], public[3]) }
}

/// The sign-in service of both clouds of the US government.
const US_LOGIN: Host = host("login.microsoftonline.us", [20, 140, 232, 17]);

/// The worldwide cloud first.
pub(crate) const CLOUDS: [Hosts; 5] = [
    Hosts {
        cloud: Cloud::Worldwide,
        login: host("login.microsoftonline.com", [20, 190, 160, 17]),
        graph: host("graph.microsoft.com", [20, 20, 32, 94]),
        ews: host("outlook.office365.com", [40, 97, 153, 146]),
        region: "NA",
        sub_region: None,
        instance: "microsoftonline.com",
        known_worldwide: true,
    },
    Hosts {
        cloud: Cloud::UsGovernment,
        login: US_LOGIN,
        graph: host("graph.microsoft.us", [20, 140, 232, 94]),
        ews: host("outlook.office365.us", [20, 140, 232, 146]),
        region: "USGov",
        sub_region: Some("DODCON"),
        instance: "microsoftonline.us",
        known_worldwide: true,
    },
    Hosts {
        cloud: Cloud::UsDefense,
        login: US_LOGIN,
        graph: host("dod-graph.microsoft.us", [20, 140, 233, 94]),
        ews: host("webmail.apps.mil", [20, 140, 233, 146]),
        region: "USGov",
        sub_region: Some("DOD"),
        instance: "microsoftonline.us",
        known_worldwide: true,
    },
    Hosts {
        cloud: Cloud::China,
        login: host("login.partner.microsoftonline.cn", [40, 72, 67, 17]),
        graph: host("microsoftgraph.chinacloudapi.cn", [40, 72, 67, 94]),
        ews: host("partner.outlook.cn", [40, 72, 67, 146]),
        region: "CN",
        sub_region: None,
        instance: "partner.microsoftonline.cn",
        known_worldwide: false,
    },
    Hosts {
        cloud: Cloud::Unserved,
        login: host("login.unserved.simulator.example", [20, 112, 53, 17]),
        graph: host("graph.unserved.simulator.example", [20, 112, 53, 94]),
        ews: host("outlook.unserved.simulator.example", [20, 112, 53, 146]),
        region: "XX",
        sub_region: None,
        instance: "unserved.simulator.example",
        known_worldwide: true,
    },
];

/// The hosts that are served, each once.
pub(crate) fn served() -> Vec<Host> {
    let mut hosts: Vec<Host> = Vec::new();
    for cloud in CLOUDS.iter().filter(|cloud| cloud.cloud != Cloud::Unserved) {
        for host in [cloud.login, cloud.graph, cloud.ews] {
            if !hosts.iter().any(|known| known.name == host.name) {
                hosts.push(host);
            }
        }
    }
    hosts
}

impl Cloud {
    /// Its hosts.
    pub(crate) fn hosts(self) -> &'static Hosts {
        CLOUDS.iter().find(|hosts| hosts.cloud == self).unwrap_or(&CLOUDS[0])
    }
}

/// Is this the sign-in service of a cloud?
pub(crate) fn is_login(name: &str) -> bool {
    CLOUDS.iter().any(|cloud| cloud.login.name == name)
}

/// Is this the mailbox service of a cloud?
pub(crate) fn is_graph(name: &str) -> bool {
    CLOUDS.iter().any(|cloud| cloud.graph.name == name)
}

/// Is this the EWS of a cloud?
pub(crate) fn is_ews(name: &str) -> bool {
    CLOUDS.iter().any(|cloud| cloud.ews.name == name)
}
