//! What our own people are told before they make a brokerage that may be here already, and whose an address is.

use crate::{
    app::App,
    domain::{
        address::MailAddress, ids::BrokerageId, refused::Refused, staff::StaffScope, text::CompanyName,
    },
    store::all_brokerages::FoundBrokerage,
};

use super::{form_answer::FormKey, people::ADDRESS_KEY};

/// The brokerages with the same company name, or with somebody of the same mail domain; a domain of private mailboxes
/// counts for nothing. None for a form that was carried out already, and none for what the form refuses anyway.
///
/// Errs when none of the reader's roles may, or when the database is away.
pub async fn brokerages_alike(
    app: &App,
    scope: &StaffScope,
    company: &str,
    address: &str,
    key: &FormKey,
) -> Result<Vec<FoundBrokerage>, Refused> {
    let (Ok(company), Ok(address)) = (CompanyName::parse(company), MailAddress::parse(address)) else {
        return Ok(Vec::new());
    };
    let domain = address.domain();
    let domain = if domain.is_consumer() { "" } else { domain.as_str() };
    let mut read = app.store.read().await?;
    let found = read.all_brokerages(scope)?.brokerages_alike(&company.key(), domain).await?;
    // Asked last: whoever sees what this form made sees that it was carried out, too.
    if !found.is_empty() && key.answered(&mut read, scope).await?.is_some() {
        return Ok(Vec::new());
    }
    Ok(found)
}

/// For what "Make it anyway" counts: this company and this mail domain. Whoever changes either has not seen what is alike.
pub fn seen_for(company: &str, address: &str) -> String {
    let company = CompanyName::parse(company).map(|company| company.key()).unwrap_or_default();
    let domain = MailAddress::parse(address).map(|address| address.domain().as_str().to_owned());
    format!("{} {company}", domain.unwrap_or_default())
}

/// The brokerage that an address signs in for, or is invited to.
///
/// Errs when none of the reader's roles may, or when the database is away.
pub async fn brokerage_of_address(
    app: &App,
    scope: &StaffScope,
    address: &str,
) -> Result<Option<FoundBrokerage>, Refused> {
    let Ok(address) = MailAddress::parse(address) else { return Ok(None) };
    let key = app.blind(ADDRESS_KEY, &address.key());
    let mut read = app.store.read().await?;
    let of: Option<BrokerageId> = match read.person_at(&key).await? {
        Some(person) => Some(person.person.brokerage_id),
        None => read.invitation_at(&key).await?.map(|found| found.invitation.brokerage_id),
    };
    let Some(of) = of else { return Ok(None) };
    Ok(read.all_brokerages(scope)?.brokerage_found(&of).await?)
}
