//! The clouds we have hosts for. Hosts come from this table only, never from an answer.

/// Where a cloud signs in and where its mailboxes answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cloud {
    /// The sign-in service.
    pub(super) login: &'static str,
    /// Graph, as the tenant's discovery document names it.
    pub(super) graph: &'static str,
    /// EWS.
    pub(super) ews: &'static str,
}

/// The worldwide cloud, at which every tenant is looked up first. A further cloud is a further row.
pub(super) const CLOUDS: &[Cloud] = &[Cloud {
    login: "login.microsoftonline.com",
    graph: "graph.microsoft.com",
    ews: "outlook.office365.com",
}];

/// The cloud whose Graph host a tenant names; a tenant that names none is in the first.
pub(super) fn cloud_of(graph_host: Option<&str>) -> Option<&'static Cloud> {
    match graph_host {
        None => CLOUDS.first(),
        Some(host) => CLOUDS.iter().find(|cloud| cloud.graph.eq_ignore_ascii_case(host)),
    }
}
