//! An HTTPS server that reads a request and writes exactly the bytes it is told to.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use moxi_onboard::{
    net::ExtraRoot,
    simulator::{ALWAYS, Fault, Target},
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::watch,
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

use crate::verification::lab::Lab;

const NAME: &str = "raw.simulator.example";
const PUBLIC: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(20, 50, 60, 70));

/// What the server does once it has read a request's head.
#[derive(Clone, Copy)]
pub enum Script {
    /// Writes these bytes and closes.
    Bytes(&'static [u8]),
    /// Writes these bytes and keeps silent.
    Silence(&'static [u8]),
    /// Writes the first, then for ever the second followed by this many letters and a line's end.
    Repeat(&'static [u8], &'static [u8], usize),
}

pub struct Raw {
    heads: watch::Receiver<String>,
    connections: Arc<AtomicUsize>,
}

impl Raw {
    /// Starts the server and gives the lab the way to it.
    pub async fn beside(mut lab: Lab, script: Script) -> (Lab, Self) {
        let signed = rcgen::generate_simple_self_signed([NAME.to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![signed.cert.der().clone()], key)
            .expect("a certificate");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let local = listener.local_addr().expect("an address");
        let (tell, heads) = watch::channel(String::new());
        let connections = Arc::new(AtomicUsize::new(0));
        tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), script, tell, connections.clone()));
        lab.simulator.inject(Target::Name(NAME.to_owned()), Fault::Addresses(vec![PUBLIC]), ALWAYS);
        lab.settings.dial.insert(SocketAddr::new(PUBLIC, 443), local);
        lab.settings.extra_roots.push(ExtraRoot::Pem(signed.cert.pem()));
        (lab, Self { heads, connections })
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{NAME}{path}")
    }

    /// The head of the request that was read.
    pub async fn head(&self) -> String {
        let mut heads = self.heads.clone();
        heads.wait_for(|head| !head.is_empty()).await.expect("the server runs").clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    script: Script,
    tell: watch::Sender<String>,
    connections: Arc<AtomicUsize>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        let (tls, tell) = (tls.clone(), tell.clone());
        tokio::spawn(async move {
            let Ok(mut stream) = tls.accept(stream).await else { return };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return,
                }
            }
            let _ = tell.send(String::from_utf8_lossy(&head).into_owned());
            match script {
                Script::Bytes(bytes) => {
                    let _ = stream.write_all(bytes).await;
                    let _ = stream.shutdown().await;
                }
                Script::Silence(bytes) => {
                    let _ = stream.write_all(bytes).await;
                    let _ = stream.flush().await;
                    sleep(Duration::from_secs(30)).await;
                }
                Script::Repeat(first, then, letters) => {
                    let chunk = [then, "x".repeat(letters).as_bytes(), b"\r\n"].concat();
                    let mut sent = stream.write_all(first).await;
                    while sent.is_ok() {
                        sent = stream.write_all(&chunk).await;
                    }
                }
            }
        });
    }
}
