//! Is the mailbox in Microsoft 365? Its autodiscover says so to everybody, without a credential.

use http::{Method, Request, StatusCode};
use serde::Deserialize;

use crate::{
    net::provider::ProviderClient,
    verification::{cut::Cut, segment::segment},
};

use super::place::{ews_host, is_cloud};

/// Where Microsoft 365 is asked.
const HOST: &str = "outlook.office365.com";

/// What an answer in JSON says.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Said {
    url: Option<String>,
}

/// Asks where the EWS of an address is; `None` when the answer says nothing. Gives the address of EWS as written.
pub(in crate::verification) async fn ask(
    client: &ProviderClient,
    address: &str,
    cut: &Cut,
) -> Option<String> {
    let call = Request::builder().method(Method::GET).uri(format!("https://{HOST}{}", path(address)?));
    let answer = cut.before(client.send(call.body(Vec::new()).ok()?)).await?.ok()?;
    url_in(answer.status, &answer.body)
}

/// Whether the mailbox is in Microsoft 365; `None` when nothing says so or otherwise.
pub(in crate::verification) async fn hosts(
    client: &ProviderClient,
    address: &str,
    cut: &Cut,
) -> Option<bool> {
    ask(client, address, cut).await.as_deref().and_then(ews_host).map(|host| is_cloud(&host))
}

/// Path and query of the question for an address.
pub(super) fn path(address: &str) -> Option<String> {
    Some(format!("/autodiscover/autodiscover.json?Email={}&Protocol=Ews", segment(address)?))
}

/// The address of EWS in an answer, as written.
pub(super) fn url_in(status: StatusCode, body: &[u8]) -> Option<String> {
    let said: Said = serde_json::from_slice(body).ok().filter(|_| status == StatusCode::OK)?;
    said.url
}
