//! Connections to one EWS, at most four at the same time, and the credential on each question.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::future::join_all;
use http::{HeaderMap, Method, StatusCode};
use tokio::sync::Semaphore;

use crate::{
    domain::exchange::EwsUrl,
    net::{
        Answer, Failure,
        dialer::{Authorization, Call, Secured, Way},
    },
    verification::{ews::Carrier, hold::Hold},
};

/// The most connections at the same time within one check.
pub(super) const MOST: usize = 4;

/// Secured connections to one address.
pub(super) struct Lines<'a> {
    way: Way,
    idle: Mutex<Vec<Secured>>,
    places: Semaphore,
    credential: &'a Authorization,
    refusal: Mutex<Option<HeaderMap>>,
    hold: Hold,
}

impl<'a> Lines<'a> {
    /// Begins with a connection that is there; there may be so many at the same time.
    pub(super) fn new(first: Secured, credential: &'a Authorization, places: usize) -> Self {
        Self {
            way: first.way(),
            idle: Mutex::new(vec![first]),
            places: Semaphore::new(places),
            credential,
            refusal: Mutex::new(None),
            hold: Hold::default(),
        }
    }

    /// The pauses that the server asks for.
    pub(super) fn hold(&self) -> Hold {
        self.hold.clone()
    }

    /// Opens the others that one mailbox needs, so that what follows does not wait for them. One that cannot be opened
    /// now is opened when it is needed.
    pub(super) async fn warm(&self) {
        let open = async || {
            if let Ok(line) = self.way.open().await {
                self.put_back(line);
            }
        };
        let others = self.places.available_permits().min(MOST).saturating_sub(1);
        join_all((0..others).map(|_| open())).await;
    }

    fn idle(&self) -> Option<Secured> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put_back(&self, line: Secured) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn refused(&self) -> Option<Answer> {
        let refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        refusal.map(|headers| Answer { status: StatusCode::UNAUTHORIZED, headers, body: Vec::new() })
    }
}

#[async_trait]
impl Carrier for Lines<'_> {
    /// After the first refusal nothing is sent any more: the same refusal is given again.
    async fn post(&self, headers: HeaderMap, body: Vec<u8>) -> Result<Answer, Failure> {
        let _place = self.places.acquire().await.map_err(|_| Failure::BadCall)?;
        if let Some(answer) = self.refused() {
            return Ok(answer);
        }
        let mut line = match self.idle() {
            Some(line) => line,
            None => self.way.open().await?,
        };
        let answer = line.send_as(ews_call(headers, body), self.credential).await?;
        self.put_back(line);
        if answer.status == StatusCode::UNAUTHORIZED {
            let refusal = Some(answer.headers.clone());
            *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
        }
        Ok(answer)
    }
}

/// A question to EWS.
pub(super) fn ews_call(headers: HeaderMap, body: Vec<u8>) -> Call {
    Call { method: Method::POST, path: EwsUrl::PATH.to_owned(), headers, body }
}
