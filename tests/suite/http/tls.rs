//! TLS by the site's own certificate files.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use moxi_onboard::http::{door::Door, limits::Limits};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use super::world::{Answer, PATIENCE, World, impatient, site};

struct Files {
    dir: PathBuf,
    certificate: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl Files {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("moxi-tls-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("folder");
        let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
        fs::write(dir.join("cert.pem"), certificate.cert.pem()).expect("written");
        fs::write(dir.join("key.pem"), certificate.signing_key.serialize_pem()).expect("written");
        fs::set_permissions(dir.join("key.pem"), fs::Permissions::from_mode(0o600)).expect("mode");
        Self { dir, certificate }
    }

    fn portal(&self) -> String {
        format!(
            "public_url = \"https://localhost\"\ntls_cert_file = {:?}\ntls_key_file = {:?}",
            self.dir.join("cert.pem"),
            self.dir.join("key.pem")
        )
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

#[tokio::test]
async fn a_site_with_its_own_certificate_answers_over_tls_only() {
    let files = Files::new("own");
    let world = World::with(&files.portal(), impatient()).await;
    let mut roots = RootCertStore::empty();
    roots.add(files.certificate.cert.der().clone()).expect("root");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let socket = TcpStream::connect(world.address).await.expect("connects");
    let name = ServerName::try_from("localhost").expect("name");
    let mut socket = TlsConnector::from(Arc::new(config)).connect(name, socket).await.expect("handshake");
    let request = b"GET /peer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    socket.write_all(request).await.expect("writes");
    let answer = Answer::read(&mut socket).await;
    assert_eq!(answer.body, "127.0.0.1 true");
    assert!(answer.header("strict-transport-security").starts_with("max-age=63072000"));

    let clear = world.get("/help", "").await;
    assert_ne!(clear.status, 200, "nothing is answered in the clear");
    let mut silent = TcpStream::connect(world.address).await.expect("connects");
    let closed = timeout(PATIENCE, Answer::read(&mut silent)).await;
    assert!(closed.is_ok(), "a handshake that does not come is not waited for");
}

#[tokio::test]
async fn a_bad_certificate_is_told_before_anything_is_answered() {
    let files = Files::new("bad");
    let portal = files.portal();
    let why = async || match Door::open(&site(&portal), Limits::default()).await {
        Ok(_) => "opened".to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(why().await, "opened");
    fs::set_permissions(files.dir.join("key.pem"), fs::Permissions::from_mode(0o644)).expect("mode");
    assert!(why().await.contains("everybody on this machine may read it"), "{}", why().await);
    fs::set_permissions(files.dir.join("key.pem"), fs::Permissions::from_mode(0o600)).expect("mode");
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
    fs::write(files.dir.join("key.pem"), other.signing_key.serialize_pem()).expect("written");
    assert!(why().await.contains("the certificate cannot be used"), "{}", why().await);
    fs::remove_file(files.dir.join("cert.pem")).expect("removed");
    assert!(why().await.contains("cert.pem"), "{}", why().await);
}
