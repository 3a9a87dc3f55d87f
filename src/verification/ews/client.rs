//! One question to EWS and its answer.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::civil::Date;

use crate::{
    clock::Randomness,
    net::{Answer, Failure},
    verification::{
        cut::Cut,
        evidence::{Evidence, Shown},
        hold::Hold,
        pace::Pace,
        request_id,
        rules::{Scene, Speaker},
        scrub::Scrub,
        step::StepId,
        traces::Traces,
        waits::Patience,
    },
};

use super::{
    answer::{marks, shown},
    envelope::{Naming, Schema, envelope},
    items::Thing,
    reply::{Body, Reply, read},
};

/// Codes of a server that does not know the schema of a question.
const TOO_NEW: &[&str] =
    &["ErrorInvalidServerVersion", "ErrorIncorrectSchemaVersion", "ErrorInvalidRequestServerVersion"];

/// Codes of a server that has not begun with what it was asked.
const BUSY: &[&str] = &["ErrorServerBusy", "ErrorExceededConnectionCount"];

/// Carries questions to one EWS and signs them, whichever way the credential takes.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Posts a question and reads the whole answer, whatever its status.
    async fn post(&self, headers: HeaderMap, body: Vec<u8>) -> Result<Answer, Failure>;
}

/// An answer that is what was wanted.
pub struct Heard {
    /// What it says.
    pub reply: Reply,
    /// Under which ids the server's people find it.
    pub marks: Vec<(&'static str, String)>,
    /// The answer itself, for evidence that it is not what it should be.
    pub answer: Answer,
}

/// EWS with one credential, and a test mailbox to act as.
pub struct Ews<'a> {
    carrier: &'a dyn Carrier,
    randomness: Randomness,
    schema: Mutex<Schema>,
    aliased: AtomicBool,
    /// Who is judged when it answers.
    pub speaker: Speaker,
    /// Permissions of which the token needs one, where a token is used.
    pub needs: &'static [&'static str],
    /// The permissions in the token, where it could be read.
    pub roles: Option<Vec<String>>,
    /// Whether the login is written with the domain first.
    older_login: bool,
    proven: AtomicBool,
    /// Takes secrets out of what comes back.
    pub scrub: Scrub,
    /// The test mailbox.
    pub mailbox: String,
    /// A mailbox that must be refused, where one was named.
    pub outside: Option<String>,
    /// How long things may take.
    pub pace: Pace,
    /// The day on which it runs.
    pub today: Date,
    hold: Hold,
    /// Marks what this check writes.
    pub mark: String,
    /// What is there of ours.
    pub traces: Traces<Thing>,
}

/// What makes an [`Ews`] besides its carrier.
pub struct Guise {
    /// Who is judged when it answers.
    pub speaker: Speaker,
    /// Permissions of which the token needs one, where a token is used.
    pub needs: &'static [&'static str],
    /// The permissions in the token, where it could be read.
    pub roles: Option<Vec<String>>,
    /// Whether the login is written with the domain first.
    pub older_login: bool,
    /// Takes secrets out of what comes back.
    pub scrub: Scrub,
    /// The test mailbox.
    pub mailbox: String,
    /// A mailbox that must be refused, where one was named.
    pub outside: Option<String>,
    /// How long things may take.
    pub pace: Pace,
    /// The day on which it runs.
    pub today: Date,
    /// The schema to begin with.
    pub schema: Schema,
    /// The pauses that the server asks for.
    pub hold: Hold,
}

impl<'a> Ews<'a> {
    /// EWS through this carrier.
    pub fn new(carrier: &'a dyn Carrier, randomness: Randomness, guise: Guise) -> Self {
        let Guise { speaker, needs, roles, older_login, scrub, mailbox, outside, pace, today, schema, hold } =
            guise;
        Self {
            mark: request_id::fresh(&randomness),
            carrier,
            randomness,
            schema: Mutex::new(schema),
            aliased: AtomicBool::new(false),
            speaker,
            needs,
            roles,
            older_login,
            proven: AtomicBool::new(false),
            scrub,
            mailbox,
            outside,
            pace,
            today,
            hold,
            traces: Traces::new(),
        }
    }

    /// What surrounds a step.
    pub fn scene(&self, step: StepId) -> Scene<'_> {
        let (needs, roles) = (self.needs, self.roles.as_deref());
        let (proven, older_login) = (self.proven.load(Ordering::Relaxed), self.older_login);
        Scene { needs, roles, proven, older_login, ..Scene::of(self.speaker, step) }
    }

    /// Asks as the test mailbox. Errs with evidence; a server that asks for a short pause is given it.
    pub async fn ask(&self, question: &str, cut: &Cut) -> Result<Heard, Evidence> {
        self.ask_as(Some(&self.mailbox), question, cut).await
    }

    /// Asks as this mailbox, or as nobody but the signed-in account.
    pub async fn ask_as(&self, mailbox: Option<&str>, question: &str, cut: &Cut) -> Result<Heard, Evidence> {
        let mut patience = Patience::new(&self.pace, &self.hold);
        loop {
            let schema = *self.schema.lock().unwrap_or_else(PoisonError::into_inner);
            let shown = match self.once(schema, mailbox, question, cut).await {
                Err(Evidence::Shown(shown)) => shown,
                other => return other,
            };
            if schema == Schema::Exchange2013 && has(&shown, TOO_NEW) {
                *self.schema.lock().unwrap_or_else(PoisonError::into_inner) = Schema::Exchange2010;
                continue;
            }
            if !patience.pause(self.pause_for(&shown), cut).await {
                return Err(Evidence::Shown(shown));
            }
        }
    }

    /// The same at another pace.
    #[must_use]
    pub fn at_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// From now on mailboxes are named by any of their addresses, or by their main ones again.
    pub fn name_by_any_address(&self, any: bool) {
        self.aliased.store(any, Ordering::Relaxed);
    }

    /// Notes whether the credential was accepted.
    pub fn prove(&self, accepted: bool) {
        self.proven.store(accepted, Ordering::Relaxed);
    }

    /// The schema that the server takes.
    pub fn schema(&self) -> Schema {
        *self.schema.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A good answer that does not hold what it should.
    pub fn odd(&self, heard: &Heard) -> Evidence {
        Evidence::Shown(Box::new(shown(&heard.answer, &Body::Odd, &self.scrub)))
    }

    async fn once(
        &self,
        schema: Schema,
        mailbox: Option<&str>,
        question: &str,
        cut: &Cut,
    ) -> Result<Heard, Evidence> {
        let naming = if self.aliased.load(Ordering::Relaxed) { Naming::Any } else { Naming::Primary };
        let acting = mailbox.map(|mailbox| (naming, mailbox));
        let body = envelope(schema, acting, question).into_bytes();
        let sent = self.carrier.post(question_headers(mailbox, &self.randomness), body);
        let answer = self.hold.answer(cut, sent).await?;
        // Some servers say what is good with the status of a fault.
        let heeded = matches!(answer.status, StatusCode::OK | StatusCode::INTERNAL_SERVER_ERROR);
        match read(&answer.body) {
            Body::Ews(reply) if heeded && reply.is_good() => {
                Ok(Heard { reply, marks: marks(&answer.headers, &self.scrub), answer })
            }
            body => Err(Evidence::Shown(Box::new(shown(&answer, &body, &self.scrub)))),
        }
    }

    /// The pause that a server asks for when it has not begun. A busy server says so by a code, which only a
    /// signed-in account gets to see; by the status alone it may not have looked at a password yet, and then the
    /// password is not sent again.
    fn pause_for(&self, shown: &Shown) -> Option<Duration> {
        let known = self.proven.load(Ordering::Relaxed) || self.speaker == Speaker::ExchangeOnline;
        let turned_away = known && shown.codes.is_empty() && matches!(shown.status, 429 | 503);
        shown.retry_after.filter(|_| turned_away || has(shown, BUSY))
    }
}

/// The headers of a question, asked as this mailbox.
pub fn question_headers(mailbox: Option<&str>, randomness: &Randomness) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("text/xml"));
    headers.insert("return-client-request-id", HeaderValue::from_static("true"));
    if let Ok(id) = HeaderValue::from_str(&request_id::fresh(randomness)) {
        headers.insert("client-request-id", id);
    }
    // Leads to the server that holds the mailbox; calls without it may fail.
    if let Some(mailbox) = mailbox.and_then(|mailbox| HeaderValue::from_str(mailbox).ok()) {
        headers.insert("x-anchormailbox", mailbox);
    }
    headers
}

/// Whether one of these codes is in an answer.
pub fn has(shown: &Shown, codes: &[&str]) -> bool {
    shown.codes.iter().any(|code| codes.contains(&code.as_str()))
}
