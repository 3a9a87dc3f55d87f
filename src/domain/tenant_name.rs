//! The name of a Microsoft 365 tenant, as an admin gives it.

use super::{address::MailDomain, guid::Guid};

/// How a tenant was named: by its id, or by one of its domains.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantName {
    /// The directory (tenant) id.
    Id(Guid),
    /// A verified domain of the tenant.
    Domain(MailDomain),
}

impl TenantName {
    /// Reads what an admin pastes. `None` when it is neither a GUID nor a domain, or one of the words
    /// `common`, `organizations`, `consumers`, with which an app cannot sign in.
    pub fn parse(raw: &str) -> Option<Self> {
        Guid::parse(raw).map(Self::Id).or_else(|| MailDomain::parse(raw).ok().map(Self::Domain))
    }

    /// The name as it stands in addresses of the provider and on pages.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Id(guid) => guid.as_str(),
            Self::Domain(domain) => domain.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_an_id_or_a_domain() {
        assert!(matches!(TenantName::parse("lakeshore.example"), Some(TenantName::Domain(_))));
        assert!(matches!(TenantName::parse("5F1B9A52-7a0e-4c43-9a5a-3a7e0f6c2d11"), Some(TenantName::Id(_))));
        for wrong in ["common", "organizations", "", "not a tenant", "../x"] {
            assert_eq!(TenantName::parse(wrong), None, "{wrong}");
        }
    }
}
