//! EWS of Exchange Online, with whatever signs its questions: an app's token, an account's token or its password.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use jiff::civil::{Date, date};

use crate::{
    domain::{check::Outcome, exchange::EwsUrl},
    net::{Answer, Failure},
    verification::{
        cut::Cut,
        evidence::Evidence,
        ews::{Carrier, Ews, has, mailbox, works},
        exchange::cloud,
        progress::Running,
        run::Run,
        step::StepId,
    },
};

use super::call::{Caller, call_to};

/// The day on which Microsoft switches EWS off for everybody, as it has announced.
pub(super) const LAST: Date = date(2027, 4, 1);

/// EWS at one host of the provider.
pub(super) struct Online<'a> {
    caller: &'a Caller,
    pub(super) host: &'static str,
    authorization: HeaderValue,
    refusal: Mutex<Option<(StatusCode, HeaderMap)>>,
}

impl<'a> Online<'a> {
    /// At this host, signed with this header.
    pub(super) fn new(caller: &'a Caller, host: &'static str, authorization: HeaderValue) -> Self {
        Self { caller, host, authorization, refusal: Mutex::new(None) }
    }

    fn refused(&self) -> Option<Answer> {
        let refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        refusal.map(|(status, headers)| Answer { status, headers, body: Vec::new() })
    }
}

#[async_trait]
impl Carrier for Online<'_> {
    /// After the first refusal nothing is sent any more: the same refusal is given again.
    async fn post(&self, headers: HeaderMap, body: Vec<u8>) -> Result<Answer, Failure> {
        if let Some(answer) = self.refused() {
            return Ok(answer);
        }
        let mut call = call_to(Method::POST, self.host, EwsUrl::PATH, body).map_err(|_| Failure::BadCall)?;
        call.headers_mut().extend(headers);
        call.headers_mut().insert(header::AUTHORIZATION, self.authorization.clone());
        let answer = self.caller.client.send(call).await?;
        if matches!(answer.status.as_u16(), 401 | 456) {
            let refusal = Some((answer.status, answer.headers.clone()));
            *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
        }
        Ok(answer)
    }
}

/// Opens the test mailbox; true when it opened.
pub(super) async fn open(
    run: &Run<'_>,
    caller: &Caller,
    (ews, host): (&Ews<'_>, &'static str),
    cut: &Cut,
) -> bool {
    let (mut running, step) = (run.progress.begin(StepId::Mailbox), cut.step());
    match step.limit_step(run.pace.step, mailbox(ews, &mut running, &step)).await {
        Ok(()) => {
            run.progress.end(running, Outcome::Passed, None).await;
            true
        }
        Err(evidence) => {
            not_opened(run, caller, (ews, host), running, &evidence, cut).await;
            false
        }
    }
}

/// Opens the test mailbox, and does in it what is to be done.
pub(super) async fn open_and_work(
    run: &Run<'_>,
    caller: &Caller,
    (ews, host): (&Ews<'_>, &'static str),
    cut: &Cut,
) {
    if open(run, caller, (ews, host), cut).await {
        Box::pin(works(run, ews, cut)).await;
    }
}

async fn not_opened(
    run: &Run<'_>,
    caller: &Caller,
    (ews, host): (&Ews<'_>, &'static str),
    running: Running,
    evidence: &Evidence,
    cut: &Cut,
) {
    let mut scene = ews.scene(StepId::Mailbox);
    scene.retired = run.today >= LAST;
    if matches!(evidence, Evidence::Shown(shown) if has(shown, &["ErrorNonExistentMailbox"])) {
        scene.hosted = cloud::hosts(&caller.client, host, &ews.mailbox, &cut.step()).await;
    }
    run.fail(running, evidence, scene).await;
}
