//! One call to a host of the provider, with the headers that every call carries.

use http::{HeaderValue, Method, Request, header};

use crate::{
    clock::{Clock, Randomness},
    net::{
        Failure,
        provider::{Answer, ProviderClient},
    },
    verification::{cut::Cut, evidence::Evidence, hold::Hold, request_id},
};

/// Calls, and knows when the time is over.
pub(super) struct Caller {
    pub(super) client: ProviderClient,
    /// The pauses that it asks for.
    pub(super) hold: Hold,
    pub(super) clock: Clock,
    pub(super) randomness: Randomness,
}

impl Caller {
    /// Adds what every call carries and makes it. Errs with the evidence that no answer came.
    pub(super) async fn send(&self, mut call: Request<Vec<u8>>, cut: &Cut) -> Result<Answer, Evidence> {
        let headers = call.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.append("prefer", HeaderValue::from_static("outlook.timezone=\"UTC\""));
        if let Ok(id) = HeaderValue::from_str(&request_id::fresh(&self.randomness)) {
            headers.insert("client-request-id", id);
        }
        self.hold.answer(cut, self.client.send(call)).await
    }
}

/// A call to an address on one of our hosts. Errs when a part of the address is none.
pub(super) fn call_to(
    method: Method,
    host: &str,
    path: &str,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, Evidence> {
    let call = Request::builder().method(method).uri(format!("https://{host}{path}"));
    call.body(body).map_err(|_| Evidence::Lost(Failure::BadCall))
}
