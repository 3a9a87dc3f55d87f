//! The way to the provider: through the guard's own client, or to this machine's own provider; never longer than the
//! operator's patience.

use std::time::Duration;

use http::Request;
use tokio::time::timeout;

use crate::net::{Answer, Failure, Loopback, provider::ProviderClient};

/// The way to the provider.
pub(super) struct Way {
    pub(super) to: To,
    pub(super) patience: Duration,
}

pub(super) enum To {
    Net(ProviderClient),
    Loopback(Loopback),
}

impl Way {
    /// One call with its whole answer.
    pub(super) async fn send(&self, call: Request<Vec<u8>>) -> Result<Answer, Failure> {
        let answered = async {
            match &self.to {
                To::Net(client) => client.send(call).await,
                To::Loopback(client) => client.send(call).await,
            }
        };
        timeout(self.patience, answered).await.unwrap_or(Err(Failure::HttpTimeout))
    }
}
