//! Whether Microsoft knows a domain, asked without anything that signs in.

use http::{Method, StatusCode};

use crate::{
    domain::{address::MailDomain, guid::Guid},
    net::provider::ProviderClient,
    verification::segment::segment,
};

use super::{call::call_to, cloud::CLOUDS, page::Discovery, sign_in::tenant_in};

/// The tenant that a domain belongs to; `None` when there is none or when nothing can be said.
pub(in crate::verification) async fn tenant_of(client: &ProviderClient, domain: &MailDomain) -> Option<Guid> {
    let path = format!("/{}/v2.0/.well-known/openid-configuration", segment(domain.as_str())?);
    let call = call_to(Method::GET, CLOUDS[0].login, &path, Vec::new()).ok()?;
    let answer = client.send(call).await.ok()?;
    if answer.status != StatusCode::OK {
        return None;
    }
    let found: Discovery = serde_json::from_slice(&answer.body).ok()?;
    tenant_in(&found.issuer)
}
