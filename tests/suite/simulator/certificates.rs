//! The simulated sign-in service believes no assertion that the real one would refuse.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use moxi_onboard::simulator::{Sample, Upload, start};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::visitor::{Folder, Hands, Visitor, stage};

/// A request that a good client sends, to be changed.
struct Request {
    alg: &'static dyn RsaEncoding,
    head: Value,
    claims: Value,
    kind: &'static str,
    key: KeyPair,
}

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion is good, before and after.
const PART: i64 = 600;
/// What the simulator's clock says: 9 o'clock on 21 November 2026.
const NOW: i64 = 1_795_251_600;

fn good(sample: &Sample, now: i64) -> Request {
    let pair = sample.certificate.as_ref().expect("a key pair");
    let der = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from_pem_slice(pair.private_key.as_bytes()).expect("a key");
    let url = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", sample.tenant_id);
    Request {
        alg: &RSA_PKCS1_SHA256,
        head: json!({"alg": "RS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(Sha256::digest(&der))}),
        claims: json!({
            "aud": url, "iss": sample.client_id, "sub": sample.client_id,
            "jti": format!("one {now}"), "nbf": now - PART, "exp": now + PART,
        }),
        kind: KIND,
        key: KeyPair::from_pkcs8(key.secret_pkcs8_der()).expect("a key"),
    }
}

impl Request {
    async fn send(&self, visitor: &Visitor, sample: &Sample) -> Value {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&self.head), part(&self.claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(self.alg, &SystemRandom::new(), signed.as_bytes(), &mut signature).expect("signed");
        let text = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &sample.client_id),
            ("client_assertion_type", self.kind),
            ("client_assertion", &text),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let url = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", sample.tenant_id);
        let response = visitor.client.post(url).form(&form).send().await.expect("an answer");
        response.json().await.expect("JSON")
    }
}

/// Something changed about a request.
type Change<'a> = &'a dyn Fn(&mut Request);

#[tokio::test]
async fn an_assertion_is_held_against_every_rule() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let sample = stage.simulator.sample("certificate-healthy").expect("a sample").clone();
    let at = NOW;
    let granted = good(&sample, at).send(&visitor, &sample).await;
    assert!(granted["access_token"].is_string(), "{granted}");
    let changed = |change: &dyn Fn(&mut Request)| {
        let mut request = good(&sample, at);
        request.claims["jti"] = json!(format!("{:p}", std::ptr::from_ref(change).cast::<()>()));
        change(&mut request);
        request
    };
    let cases: [(&str, i64, Change<'_>); 11] = [
        ("used before", 50013, &|request| request.claims["jti"] = json!(format!("one {at}"))),
        ("without a name", 50027, &|request| {
            drop(request.claims.as_object_mut().map(|claims| claims.remove("jti")))
        }),
        ("of another kind", 50027, &|request| {
            request.kind = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
        }),
        ("for another tenant", 700_023, &|request| {
            request.claims["aud"] = json!("https://login.microsoftonline.com/common/oauth2/v2.0/token")
        }),
        ("by another app", 700_021, &|request| {
            request.claims["iss"] = json!("2f6c1b7e-4a65-4f0b-9d3e-8b1f6f2a9c11")
        }),
        ("about another app", 700_021, &|request| {
            request.claims["sub"] = json!("2f6c1b7e-4a65-4f0b-9d3e-8b1f6f2a9c11")
        }),
        ("too late", 700_024, &|request| request.claims["exp"] = json!(at)),
        ("too early", 700_024, &|request| request.claims["nbf"] = json!(at + 1)),
        ("with another certificate", 700_027, &|request| {
            request.head["x5t#S256"] = json!(URL_SAFE_NO_PAD.encode([7; 32]))
        }),
        ("signed by another key", 700_027, &|request| {
            request.key = KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).expect("a key")
        }),
        ("signed by another rule", 700_027, &|request| request.alg = &RSA_PSS_SHA256),
    ];
    for (what, code, change) in cases {
        let refused = changed(change).send(&visitor, &sample).await;
        assert_eq!(
            (&refused["error"], &refused["error_codes"]),
            (&json!("invalid_client"), &json!([code])),
            "{what}: {refused}"
        );
    }
    let other_rule = changed(&|request| {
        request.alg = &RSA_PSS_SHA256;
        request.head["alg"] = json!("PS256");
    });
    assert!(other_rule.send(&visitor, &sample).await["access_token"].is_string());
}

#[tokio::test]
async fn a_certificate_is_uploaded_through_the_control_endpoint_and_outlives_a_restart() {
    let (hands, folder) = (Hands::new(), Folder::new());
    let mut settings = hands.settings(&folder.0);
    settings.control = Some("127.0.0.1:0".parse().expect("an address"));
    let simulator = start(settings).await.expect("a start");
    let sample = simulator.sample("certificate-not-uploaded").expect("a sample").clone();
    let pem = sample.certificate.as_ref().expect("a pair").certificate.clone();
    let visitor = Visitor::new(&simulator).await;
    let at = NOW;
    let refused = good(&sample, at).send(&visitor, &sample).await;
    assert_eq!(refused["error_codes"], json!([700_027]));
    let base = format!("http://{}/apps", simulator.addresses().control.as_deref().expect("an address"));
    let put = async |client: &str, file: &str| {
        let url = format!("{base}/{client}/certificates");
        visitor.client.post(url).body(file.to_owned()).send().await.expect("an answer")
    };
    assert_eq!(put(&sample.client_id, "no certificate").await.status(), 422);
    assert_eq!(put("2f6c1b7e-4a65-4f0b-9d3e-8b1f6f2a9c11", &pem).await.status(), 404);
    let taken: Value = put(&sample.client_id, &pem).await.json().await.expect("JSON");
    assert_eq!(json!(simulator.thumbprints(&sample.client_id)), json!([taken["thumbprint"]]));
    let granted = good(&sample, at + 1).send(&visitor, &sample).await;
    assert!(granted["access_token"].is_string(), "{granted}");
    simulator.shutdown().await;

    let again = start(hands.settings(&folder.0)).await.expect("a second start");
    assert_eq!(again.thumbprints(&sample.client_id).len(), 1);
    assert_eq!(again.sample("certificate-not-uploaded").expect("a sample").certificate, sample.certificate);
    assert_eq!(again.upload("nobody", pem.as_bytes()), Upload::NoSuchApp);
    use std::os::unix::fs::PermissionsExt;
    let key = std::fs::metadata(folder.0.join("sample-key.json")).expect("a key");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}
