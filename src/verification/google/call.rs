//! One call to a host of Google, with the headers that every call carries.

use http::{HeaderValue, Method, Request, header};

use crate::{
    net::{
        Failure,
        provider::{Answer, ProviderClient},
    },
    verification::{cut::Cut, evidence::Evidence, hold::Hold},
};

/// Where service accounts sign in.
pub(super) const TOKENS: &str = "oauth2.googleapis.com";
/// Where contacts are.
pub(super) const PEOPLE: &str = "people.googleapis.com";
/// Where calendars are.
pub(super) const CALENDAR: &str = "www.googleapis.com";
/// Where mail is.
pub(super) const GMAIL: &str = "gmail.googleapis.com";

/// Calls, and knows when the time is over.
pub(super) struct Caller {
    pub(super) client: ProviderClient,
    /// The pauses that it asks for.
    pub(super) hold: Hold,
}

impl Caller {
    /// Makes the call. Errs with the evidence that no answer came.
    pub(super) async fn send(&self, mut call: Request<Vec<u8>>, cut: &Cut) -> Result<Answer, Evidence> {
        call.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        self.hold.answer(cut, self.client.send(call)).await
    }
}

/// A call to an address on one of Google's hosts. Errs when a part of the address is none.
pub(super) fn call_to(
    method: Method,
    host: &str,
    path: &str,
    kind: &'static str,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, Evidence> {
    let mut call = Request::builder().method(method).uri(format!("https://{host}{path}"));
    if !body.is_empty() {
        call = call.header(header::CONTENT_TYPE, kind);
    }
    call.body(body).map_err(|_| Evidence::Lost(Failure::BadCall))
}
