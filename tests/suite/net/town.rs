//! A town of servers on loopback, each under a name and a public address, each of which writes down what it is sent.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use moxi_onboard::{
    net::{ExtraRoot, Net},
    simulator::{ALWAYS, Fault, Target},
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SignatureAlgorithm};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::verification::lab::Lab;

/// The town's authority, which the net trusts as it trusts public ones.
pub const AUTHORITY: &str = "Lakeshore Trust Services";

pub struct Town {
    pub lab: Lab,
    pub authority: Authority,
    houses: u8,
    names: Mutex<BTreeMap<String, Vec<IpAddr>>>,
}

impl Town {
    pub async fn open() -> Self {
        let mut lab = Lab::open().await;
        lab.settings.caps.secure = lab.settings.caps.connect;
        let authority = Authority::new(AUTHORITY, Some(AUTHORITY));
        lab.settings.extra_roots.push(ExtraRoot::Pem(authority.pem.clone()));
        Self { lab, authority, houses: 0, names: Mutex::default() }
    }

    pub fn net(&self) -> Net {
        self.lab.net()
    }

    /// A new public address.
    pub fn address(&mut self) -> Ipv4Addr {
        self.houses += 1;
        Ipv4Addr::new(20, 60, 1, self.houses)
    }

    /// From now on the name leads to these addresses.
    pub fn name(&self, name: &str, addresses: &[IpAddr]) {
        let mut names = self.names.lock().expect("not poisoned");
        names.insert(name.to_owned(), addresses.to_vec());
        self.lab.simulator.clear_faults();
        for (name, addresses) in names.iter() {
            let fault = Fault::Addresses(addresses.clone());
            self.lab.simulator.inject(Target::Name(name.clone()), fault, ALWAYS);
        }
    }

    /// A house behind an address and a port.
    pub async fn build(&mut self, public: impl Into<IpAddr>, port: u16, play: Play) -> House {
        let house = House::open(play).await;
        self.lab.settings.dial.insert(SocketAddr::new(public.into(), port), house.local);
        house
    }

    /// A house with a name of its own, for HTTPS.
    pub async fn host(&mut self, name: &str, play: Play) -> House {
        let public = self.address();
        self.name(name, &[public.into()]);
        self.build(public, 443, play).await
    }

    /// A trusted certificate for a name.
    pub fn trusted(&self, name: &str) -> Arc<ServerConfig> {
        let leaf = self.authority.leaf(&[name], |_| {});
        leaf.config(&[])
    }
}

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub der: CertificateDer<'static>,
    pub pem: String,
}

impl Authority {
    fn params(name: &str, organisation: Option<&str>) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        if let Some(organisation) = organisation {
            params.distinguished_name.push(DnType::OrganizationName, organisation);
        }
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    }

    pub fn new(name: &str, organisation: Option<&str>) -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = Self::params(name, organisation);
        let signed = params.self_signed(&key).expect("a certificate");
        Self { der: signed.der().clone(), pem: signed.pem(), issuer: Issuer::new(params, key) }
    }

    /// A certificate for a host whose key signs others although it is no authority.
    pub fn ordinary(host: &str) -> Self {
        let (key, params) = (KeyPair::generate().expect("a key"), params(&[host], |_| {}));
        let signed = params.self_signed(&key).expect("a certificate");
        Self { der: signed.der().clone(), pem: signed.pem(), issuer: Issuer::new(params, key) }
    }

    /// An authority that this one vouches for.
    pub fn below(&self, name: &str, organisation: Option<&str>) -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = Self::params(name, organisation);
        let signed = params.signed_by(&key, &self.issuer).expect("a certificate");
        Self { der: signed.der().clone(), pem: signed.pem(), issuer: Issuer::new(params, key) }
    }

    pub fn leaf(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        self.leaf_of(names, &rcgen::PKCS_ECDSA_P256_SHA256, change)
    }

    pub fn leaf_of(
        &self,
        names: &[&str],
        kind: &'static SignatureAlgorithm,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Leaf {
        let key = KeyPair::generate_for(kind).expect("a key");
        let signed = params(names, change).signed_by(&key, &self.issuer).expect("a certificate");
        Leaf { der: signed.der().clone(), key }
    }
}

fn params(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name.push(DnType::CommonName, "mail.lakeshore.example");
    change(&mut params);
    params
}

pub struct Leaf {
    pub der: CertificateDer<'static>,
    pub key: KeyPair,
}

impl Leaf {
    pub fn self_signed(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Self {
        Self::self_signed_of(names, &rcgen::PKCS_ECDSA_P256_SHA256, change)
    }

    pub fn self_signed_of(
        names: &[&str],
        kind: &'static SignatureAlgorithm,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Self {
        let key = KeyPair::generate_for(kind).expect("a key");
        let signed = params(names, change).self_signed(&key).expect("a certificate");
        Self { der: signed.der().clone(), key }
    }

    /// Its fingerprint.
    pub fn sha256(&self) -> String {
        fingerprint(&self.der)
    }

    pub fn pem(&self) -> String {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let text = STANDARD.encode(&self.der);
        let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
        format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
    }

    /// Its key, and itself followed by these.
    pub fn presented(&self, between: &[&CertificateDer<'static>]) -> Presented {
        let chain = std::iter::once(&self.der).chain(between.iter().copied()).cloned().collect();
        (chain, PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der())))
    }

    pub fn config(&self, between: &[&CertificateDer<'static>]) -> Arc<ServerConfig> {
        let (chain, key) = self.presented(between);
        Arc::new(server().with_no_client_auth().with_single_cert(chain, key).expect("a certificate"))
    }
}

pub fn fingerprint(der: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect()
}

type Presented = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The start of a server's configuration: both versions of TLS.
pub fn server() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
}

pub fn versions(
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).expect("versions")
}

/// What a house does with its nth connection.
pub type Play =
    Arc<dyn Fn(usize, TcpStream, Arc<Book>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

pub fn play<F>(act: impl Fn(usize, TcpStream, Arc<Book>) -> F + Send + Sync + 'static) -> Play
where
    F: Future<Output = ()> + Send + 'static,
{
    Arc::new(move |nth, stream, book| Box::pin(act(nth, stream, book)))
}

/// What a house has been sent.
#[derive(Default)]
pub struct Book {
    connections: AtomicUsize,
    /// Bytes as they came over the wire.
    wire: Mutex<Vec<u8>>,
    /// Bytes as they came out of TLS, where it came to that.
    plain: Mutex<Vec<u8>>,
    /// Bytes of the house's own that somebody took.
    pub taken: AtomicUsize,
}

impl Book {
    pub fn wrote_plain(&self, bytes: &[u8]) {
        self.plain.lock().expect("not poisoned").extend_from_slice(bytes);
    }

    pub fn plain(&self) -> Vec<u8> {
        self.plain.lock().expect("not poisoned").clone()
    }
}

pub struct House {
    pub local: SocketAddr,
    pub book: Arc<Book>,
}

impl House {
    async fn open(play: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let local = listener.local_addr().expect("an address");
        let book = Arc::new(Book::default());
        let kept = Arc::clone(&book);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let nth = kept.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(play(nth, stream, Arc::clone(&kept)));
            }
        });
        Self { local, book }
    }

    pub fn connections(&self) -> usize {
        self.book.connections.load(Ordering::SeqCst)
    }

    pub fn wire(&self) -> Vec<u8> {
        self.book.wire.lock().expect("not poisoned").clone()
    }

    pub fn plain(&self) -> Vec<u8> {
        self.book.plain()
    }
}

/// Writes down what comes over the wire.
pub struct Watched {
    stream: TcpStream,
    book: Arc<Book>,
}

impl Watched {
    pub const fn new(stream: TcpStream, book: Arc<Book>) -> Self {
        Self { stream, book }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.book.wire.lock().expect("not poisoned").extend_from_slice(&buffer.filled()[before..]);
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(taken)) = polled {
            self.book.taken.fetch_add(taken, Ordering::SeqCst);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Reads one request: its head, and as much body as the head says. `false` at the end of the connection.
pub async fn request(stream: &mut (impl AsyncRead + Unpin), book: &Book) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => {
                book.wrote_plain(&[byte]);
                head.push(byte);
            }
            Err(_) => return false,
        }
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
    let whole = stream.read_exact(&mut body).await.is_ok();
    book.wrote_plain(&body);
    whole
}

/// Answers every request over TLS with the same bytes, on one connection for as long as the other side likes.
pub fn answering(config: Arc<ServerConfig>, answer: impl Into<Vec<u8>>) -> Play {
    let (acceptor, answer) = (TlsAcceptor::from(config), Arc::new(answer.into()));
    play(move |_, stream, book| {
        let (acceptor, answer) = (acceptor.clone(), Arc::clone(&answer));
        async move {
            let watched = Watched::new(stream, Arc::clone(&book));
            let Ok(mut stream) = acceptor.accept(watched).await else { return };
            while request(&mut stream, &book).await {
                if stream.write_all(&answer).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
        }
    })
}

/// The same without TLS.
pub fn answering_plainly(answer: impl Into<Vec<u8>>) -> Play {
    let answer = Arc::new(answer.into());
    play(move |_, stream, book| {
        let answer = Arc::clone(&answer);
        async move {
            let mut stream = Watched::new(stream, Arc::clone(&book));
            while request(&mut stream, &book).await {
                let _ = stream.write_all(&answer).await;
            }
        }
    })
}

/// Waits for the first bytes, writes these and closes.
pub fn blurting(bytes: &'static [u8]) -> Play {
    play(move |_, stream, book| async move {
        let mut stream = Watched::new(stream, book);
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        while matches!(stream.read(&mut [0; 4096]).await, Ok(read) if read > 0) {}
    })
}

/// Takes connections and keeps silent.
pub fn silent() -> Play {
    play(|_, stream, book| async move {
        let mut stream = Watched::new(stream, book);
        while matches!(stream.read(&mut [0; 4096]).await, Ok(read) if read > 0) {}
    })
}

pub const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
