//! The dialer for hosts that customers name.

use http::{HeaderMap, Method};
use moxi_onboard::net::{
    Failure, Net,
    dialer::{Authorization, Call, Secured},
    guard::HostName,
};

use super::raw::{Raw, Script};
use crate::verification::lab::Lab;

pub fn name(text: &str) -> HostName {
    HostName::parse(text).expect("a name")
}

pub fn post(path: &str, body: &[u8]) -> Call {
    Call { method: Method::POST, path: path.to_owned(), headers: HeaderMap::new(), body: body.to_vec() }
}

pub fn basic(password: &str) -> Authorization {
    Authorization::Basic { login: "moxi.svc@lakeshore.example".to_owned(), password: password.into() }
}

pub async fn secured(net: &Net, host: &str) -> Result<Secured, Failure> {
    let connected = net.dialer().resolve(&name(host)).await?.connect().await?;
    connected.secure(None).await.map_err(|lost| lost.failure)
}

#[tokio::test]
async fn a_call_goes_out_secured_and_signed_in() {
    let answer =
        b"HTTP/1.1 302 Found\r\nlocation: https://owa.lakeshore.example/\r\ncontent-length: 2\r\n\r\nok";
    let (lab, raw) = Raw::beside(Lab::open().await, Script::Bytes(answer)).await;
    let mut secured = secured(&lab.net(), "raw.simulator.example").await.expect("secured");
    assert_eq!(
        (secured.tls().version, secured.tls().legacy, secured.tls().pinned),
        ("TLS 1.3", false, false)
    );
    assert_eq!(secured.certificate().names, ["raw.simulator.example"]);
    assert_eq!(secured.certificate().chain_length, 1);
    assert_eq!(secured.proof().host().as_str(), "raw.simulator.example");
    let answer = secured.send_as(post("/EWS/Exchange.asmx", b"<x/>"), &basic("Lake view 7")).await;
    let answer = answer.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (302, b"ok".as_slice()));
    assert_eq!(answer.headers["location"], "https://owa.lakeshore.example/");
    let head = raw.head().await.to_ascii_lowercase();
    for line in [
        "post /ews/exchange.asmx http/1.1\r\n",
        "host: raw.simulator.example\r\n",
        "user-agent: moxiengage/1.0 (onboarding check)\r\n",
        "accept-encoding: identity\r\n",
        "content-length: 4\r\n",
        "authorization: basic bw94as5zdmnabgfrzxnob3jllmv4yw1wbgu6tgfrzsb2awv3idc=\r\n",
    ] {
        assert!(head.contains(line), "{line} is not in {head}");
    }
}
