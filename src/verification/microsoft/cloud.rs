//! The clouds we have hosts for. Hosts come from this table only, never from an answer: an answer chooses a row. So a
//! secret or a token of one cloud never goes to a host of another.

use super::page::Discovery;

/// A cloud: where it signs in, where its mailboxes answer, and by what its tenants tell it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cloud {
    /// What pages call it.
    pub(super) name: &'static str,
    /// The sign-in service.
    pub(super) login: &'static str,
    /// Graph, as the tenant's discovery document names it.
    pub(super) graph: &'static str,
    /// EWS.
    pub(super) ews: &'static str,
    /// The name of the instance, as the document gives it.
    instance: &'static str,
    /// The region and its part, where they alone tell the cloud.
    region: Option<(&'static str, &'static str)>,
}

/// The worldwide cloud, at which every tenant is looked up first; then the others. A further cloud is a further row.
pub(super) const CLOUDS: &[Cloud] = &[
    Cloud {
        name: "Microsoft 365",
        login: "login.microsoftonline.com",
        graph: "graph.microsoft.com",
        ews: "outlook.office365.com",
        instance: "microsoftonline.com",
        region: None,
    },
    Cloud {
        name: "Microsoft 365 for the US government (GCC High)",
        login: "login.microsoftonline.us",
        graph: "graph.microsoft.us",
        ews: "outlook.office365.us",
        instance: "microsoftonline.us",
        region: Some(("USGov", "DODCON")),
    },
    Cloud {
        name: "Microsoft 365 for the US government (DoD)",
        login: "login.microsoftonline.us",
        graph: "dod-graph.microsoft.us",
        ews: "webmail.apps.mil",
        instance: "microsoftonline.us",
        region: Some(("USGov", "DOD")),
    },
    Cloud {
        name: "Microsoft 365 in China (21Vianet)",
        login: "login.partner.microsoftonline.cn",
        graph: "microsoftgraph.chinacloudapi.cn",
        ews: "partner.outlook.cn",
        instance: "partner.microsoftonline.cn",
        region: None,
    },
];

/// The sign-in services at which a tenant is looked up, each once.
pub(super) fn logins() -> Vec<&'static str> {
    let mut logins = Vec::new();
    for cloud in CLOUDS {
        if !logins.contains(&cloud.login) {
            logins.push(cloud.login);
        }
    }
    logins
}

/// The cloud that a tenant's document, given by the sign-in service at `login`, tells of. `None` when it tells of one
/// that we have no hosts for, or when what it tells does not fit together.
pub(super) fn cloud_of(found: &Discovery, login: &str) -> Option<&'static Cloud> {
    let same = |told: &str, known: &str| told.eq_ignore_ascii_case(known);
    let graph = found.msgraph_host.as_deref();
    let instance = found.cloud_instance_name.as_deref();
    let part = found.tenant_region_scope.as_deref().zip(found.tenant_region_sub_scope.as_deref());
    let fits = |cloud: &&Cloud| {
        graph.is_none_or(|told| same(told, cloud.graph))
            && instance.is_none_or(|told| same(told, cloud.instance))
            // Where the mailbox service is named, the region says nothing more.
            && (graph.is_some()
                || cloud.region.is_none_or(|(scope, sub)| {
                    part.is_some_and(|(told, told_sub)| same(told, scope) && same(told_sub, sub))
                }))
    };
    // The worldwide service answers for tenants of other clouds; another one answers for its own.
    let asked = |cloud: &&Cloud| cloud.login == login || login == CLOUDS[0].login;
    CLOUDS.iter().find(|cloud| fits(cloud) && asked(cloud))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(login: &str, members: &str) -> Option<&'static str> {
        let text = format!(r#"{{"issuer":"x"{members}}}"#);
        let found = serde_json::from_str(&text).expect("a document");
        cloud_of(&found, login).map(|cloud| cloud.graph)
    }

    #[test]
    fn each_cloud_is_told_by_its_own_names() {
        let first = CLOUDS[0].login;
        for row in CLOUDS {
            let named =
                format!(r#","msgraph_host":"{}","cloud_instance_name":"{}""#, row.graph, row.instance);
            assert_eq!(cloud(first, &named), Some(row.graph));
            assert_eq!(cloud(row.login, &named), Some(row.graph));
            assert_eq!(
                cloud(
                    first,
                    &named
                        .to_uppercase()
                        .replace("MSGRAPH_HOST", "msgraph_host")
                        .replace("CLOUD_INSTANCE_NAME", "cloud_instance_name")
                ),
                Some(row.graph)
            );
        }
    }

    #[test]
    fn what_is_left_out_is_told_by_the_rest() {
        let first = CLOUDS[0].login;
        assert_eq!(cloud(first, ""), Some("graph.microsoft.com"));
        assert_eq!(
            cloud(first, r#","tenant_region_scope":"NA","tenant_region_sub_scope":"GCC""#),
            Some("graph.microsoft.com")
        );
        let us = r#","cloud_instance_name":"microsoftonline.us","tenant_region_scope":"USGov","tenant_region_sub_scope":"#;
        assert_eq!(cloud(first, &format!(r#"{us}"DOD""#)), Some("dod-graph.microsoft.us"));
        assert_eq!(cloud(first, &format!(r#"{us}"DODCON""#)), Some("graph.microsoft.us"));
        let china = r#","cloud_instance_name":"partner.microsoftonline.cn""#;
        assert_eq!(cloud(first, china), Some("microsoftgraph.chinacloudapi.cn"));
    }

    #[test]
    fn a_cloud_that_nobody_knows_or_that_contradicts_itself_is_none() {
        let first = CLOUDS[0].login;
        for odd in [
            r#","msgraph_host":"graph.microsoft.de""#,
            r#","msgraph_host":"graph.microsoft.us.evil.example""#,
            r#","cloud_instance_name":"microsoftonline.de""#,
            r#","msgraph_host":"graph.microsoft.us","cloud_instance_name":"microsoftonline.com""#,
            r#","msgraph_host":"graph.microsoft.com","cloud_instance_name":"partner.microsoftonline.cn""#,
            r#","cloud_instance_name":"microsoftonline.us","tenant_region_scope":"USGov""#,
        ] {
            assert_eq!(cloud(first, odd), None, "{odd}");
        }
        // A service answers for no other cloud's tenants but the worldwide one's.
        let worldwide = r#","msgraph_host":"graph.microsoft.com""#;
        assert_eq!(cloud("login.partner.microsoftonline.cn", worldwide), None);
        assert_eq!(
            cloud("login.microsoftonline.us", r#","msgraph_host":"microsoftgraph.chinacloudapi.cn""#),
            None
        );
    }
}
