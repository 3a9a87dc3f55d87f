//! Google's interfaces with one token: a question, and the wanted answer.

use std::time::Duration;

use http::{Method, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    net::{Failure, provider::Answer},
    verification::{
        bearer::Bearer,
        cut::Cut,
        evidence::{Evidence, Shown},
        pace::Pace,
        scrub::Scrub,
        waits::Patience,
    },
};

use super::{
    answer::api_shown,
    call::{Caller, call_to},
};

const JSON: &str = "application/json";

/// A question.
pub(super) struct Ask {
    pub(super) method: Method,
    /// Path and query on the host.
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// The status that proves the step.
    pub(super) wanted: StatusCode,
}

impl Ask {
    /// A question that changes nothing.
    pub(super) const fn read(path: String) -> Self {
        Self { method: Method::GET, path, body: None, wanted: StatusCode::OK }
    }
}

/// One interface with one token.
pub(super) struct Service<'a> {
    pub(super) caller: &'a Caller,
    pub(super) host: &'static str,
    pub(super) bearer: Bearer,
    pub(super) scrub: Scrub,
    pub(super) pace: Pace,
}

impl<'a> Service<'a> {
    /// The interface on this host.
    pub(super) fn new(caller: &'a Caller, host: &'static str, bearer: Bearer, pace: Pace) -> Self {
        let scrub = Scrub::new(vec![bearer.secret().clone()]);
        Self { caller, host, bearer, scrub, pace }
    }

    /// The wanted answer. Errs with evidence; a server that asks for a short pause is given it.
    pub(super) async fn ask(&self, ask: &Ask, cut: &Cut) -> Result<Answer, Evidence> {
        let mut patience = Patience::new(&self.pace, &self.caller.hold);
        loop {
            let shown = match self.once(ask, cut).await {
                Err(Evidence::Shown(shown)) => shown,
                other => return other,
            };
            if !patience.pause(pause_for(&shown, &ask.method), cut).await {
                return Err(Evidence::Shown(shown));
            }
        }
    }

    /// The wanted answer's body. Errs also when it is not what it should be.
    pub(super) async fn read<T: DeserializeOwned>(&self, ask: &Ask, cut: &Cut) -> Result<T, Evidence> {
        let answer = self.ask(ask, cut).await?;
        serde_json::from_slice(&answer.body).map_err(|_| self.odd(&answer))
    }

    /// A good status with a body that says nothing we know.
    pub(super) fn odd(&self, answer: &Answer) -> Evidence {
        Evidence::Shown(Box::new(Shown { codes: Vec::new(), ..api_shown(answer, &self.scrub) }))
    }

    async fn once(&self, ask: &Ask, cut: &Cut) -> Result<Answer, Evidence> {
        let body = ask.body.as_ref().map(|body| body.to_string().into_bytes());
        let mut call = call_to(ask.method.clone(), self.host, &ask.path, JSON, body.unwrap_or_default())?;
        let bearer = self.bearer.header().ok_or(Evidence::Lost(Failure::BadCall))?;
        call.headers_mut().insert(header::AUTHORIZATION, bearer);
        let answer = self.caller.send(call, cut).await?;
        if answer.status == ask.wanted {
            Ok(answer)
        } else {
            Err(Evidence::Shown(Box::new(api_shown(&answer, &self.scrub))))
        }
    }
}

/// Whether asking again after the pause the server names may help, and is safe: a throttled call was not carried
/// out; of an unavailable service that is sure only for calls that change nothing.
fn pause_for(shown: &Shown, method: &Method) -> Option<Duration> {
    let unavailable = matches!(shown.status, 500 | 502 | 503) && *method == Method::GET;
    shown.retry_after.filter(|_| shown.status == 429 || unavailable)
}
