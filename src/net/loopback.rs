//! The client for one service on this machine that speaks http: the sign-in provider of the demo and of tests.
//!
//! It calls that one socket and nothing else, so it opens no way round the guard: whatever an address in an answer
//! says, the call goes there or nowhere.

use std::{net::SocketAddr, sync::Arc};

use tokio::time::timeout;

use super::{
    answer::Answer,
    caps::Caps,
    failure::Failure,
    provider::whole,
    settings::SettingsProblem,
    tls,
    trace::{Traced, trace},
};

/// Calls one socket of this machine. Cheap to clone.
#[derive(Clone)]
pub struct Loopback {
    inner: reqwest::Client,
    at: SocketAddr,
    caps: Caps,
}

impl Loopback {
    /// A client for the service at `at`. Errs when that is no address of this machine.
    pub fn new(at: SocketAddr, caps: Caps) -> Result<Self, SettingsProblem> {
        if !at.ip().is_loopback() {
            return Err(SettingsProblem::NotLoopback);
        }
        #[expect(clippy::disallowed_methods, reason = "it calls one socket of this machine and nothing else")]
        let inner = reqwest::Client::builder()
            // Never used, but the library wants to know.
            .tls_backend_preconfigured(tls::config_with(Arc::new(tls::roots(&[])?))?)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(caps.connect)
            .build()
            .map_err(|_| SettingsProblem::Tls)?;
        Ok(Self { inner, at, caps })
    }

    /// The one socket it calls.
    pub const fn address(&self) -> SocketAddr {
        self.at
    }

    /// Makes one call and reads its whole answer. Errs with the layer that failed; a call to anywhere else is
    /// forbidden, and a redirect is a failure.
    pub async fn send(&self, call: http::Request<Vec<u8>>) -> Result<Answer, Failure> {
        let ours = format!("http://{}", self.at);
        let uri = call.uri();
        let named = uri.scheme_str().zip(uri.authority()).map(|(scheme, host)| format!("{scheme}://{host}"));
        if named.as_deref() != Some(ours.as_str()) {
            return Err(Failure::Forbidden);
        }
        let call = reqwest::Request::try_from(call).map_err(|_| Failure::BadCall)?;
        match timeout(self.caps.call, Box::pin(self.answered(call))).await {
            Ok(answered) => answered,
            Err(_) => Err(Failure::HttpTimeout),
        }
    }

    async fn answered(&self, call: reqwest::Request) -> Result<Answer, Failure> {
        match self.inner.execute(call).await {
            Ok(response) => whole(response, self.caps.body).await,
            Err(error) => Err(match trace(&error) {
                Traced::Plain(failure) => failure,
                Traced::ConnectTimeout => Failure::HttpTimeout,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_calls_one_socket_of_this_machine_only() {
        let at = |text: &str| text.parse::<SocketAddr>().expect("an address");
        assert!(Loopback::new(at("192.0.2.1:80"), Caps::default()).is_err());
        let client = Loopback::new(at("127.0.0.1:9"), Caps::default()).expect("a client");
        for elsewhere in [
            "http://127.0.0.1:10/",
            "http://127.0.0.2:9/",
            "https://127.0.0.1:9/",
            "http://u@127.0.0.1:9/",
            "http://localhost:9/",
            "http://169.254.169.254/",
        ] {
            let call = http::Request::get(elsewhere).body(Vec::new()).expect("a call");
            assert_eq!(client.send(call).await.err(), Some(Failure::Forbidden), "{elsewhere}");
        }
    }
}
