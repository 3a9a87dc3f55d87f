//! Handing over to a mail server.
//!
//! What a failure means depends on when it came. Up to the final dot the server has no message: nothing left. After
//! the final dot and before the answer nobody knows. An answer decides. Refusals before the recipient was named
//! (sign-in, sender) are about our settings and never condemn a mail.

use std::{io, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::{ClientConfig, pki_types::ServerName};
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::{
    dialogue::{Dialogue, Reply},
    outgoing::{Accepted, Outgoing, SendError},
};

/// A mail server that an operator named.
pub struct SmtpServer {
    /// Its name, which its certificate must have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// Name and password, where it wants them.
    pub sign_in: Option<SignIn>,
    /// What we call ourselves.
    pub hello: String,
    /// Whose certificates are believed.
    pub tls: Arc<ClientConfig>,
    /// How long we wait.
    pub patience: Patience,
}

/// How a connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// In the clear first, then TLS; nothing is sent to a server that offers none.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None; only for a server on this machine.
    None,
}

/// Name and password for a mail server.
pub struct SignIn {
    /// The name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

/// How long a hand-over may take. The two add up to its longest time.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For everything up to the final dot.
    pub to_send: Duration,
    /// For the answer to the whole message. Servers may scan it first; giving up early makes a mail uncertain.
    pub for_answer: Duration,
}

impl Default for Patience {
    /// 30 seconds to send; 5 minutes for the answer, half of what the standard asks of clients, since a worker waits.
    fn default() -> Self {
        Self { to_send: Duration::from_secs(30), for_answer: Duration::from_secs(300) }
    }
}

/// A stream that is secured or need not be.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}
type Secured = Dialogue<Box<dyn Stream>>;

impl SmtpServer {
    /// Calls the server, secures the connection and signs in as for a mail, and takes leave without sending one.
    ///
    /// Errs with what went wrong, in the patience of a call.
    pub async fn greet(&self) -> Result<(), SendError> {
        let called = timeout(self.patience.to_send, self.connect()).await;
        let mut dialogue = called.map_err(|_| SendError::NotReached("it took too long".into()))??;
        let _ = timeout(Duration::from_secs(2), dialogue.ask("QUIT")).await;
        Ok(())
    }

    pub(super) async fn send(&self, mail: Outgoing<'_>) -> Result<Accepted, SendError> {
        let sent = timeout(self.patience.to_send, self.send_all_but_the_end(mail)).await;
        let mut dialogue = sent.map_err(|_| SendError::NotReached("it took too long".into()))??;
        let answered = timeout(self.patience.for_answer, async {
            dialogue.send_end().await?;
            dialogue.answer().await
        });
        let reply = match answered.await {
            Ok(Ok(reply)) if reply.is_done() || reply.is_refusal() => about_mail(reply)?,
            Ok(Ok(reply)) => return Err(SendError::Uncertain(reply.words())),
            Ok(Err(error)) => return Err(SendError::Uncertain(error.to_string())),
            Err(_) => return Err(SendError::Uncertain("no answer came in time".into())),
        };
        // The mail is in their hands whatever becomes of the farewell.
        let _ = timeout(Duration::from_secs(2), dialogue.ask("QUIT")).await;
        Ok(Accepted { reply: reply.words() })
    }

    async fn send_all_but_the_end(&self, mail: Outgoing<'_>) -> Result<Secured, SendError> {
        let mut dialogue = self.connect().await?;
        let sender = dialogue.ask(&format!("MAIL FROM:<{}>", address(mail.from)?)).await;
        ours(sender, "the sender")?;
        let recipient = format!("RCPT TO:<{}>", address(mail.to.as_str())?);
        about_mail(dialogue.ask(&recipient).await.map_err(not_reached)?)?;
        about_mail(dialogue.ask("DATA").await.map_err(not_reached)?)?;
        dialogue.send_body(mail.message).await.map_err(not_reached)?;
        Ok(dialogue)
    }

    /// Connects, secures, signs in.
    async fn connect(&self) -> Result<Secured, SendError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(not_reached)?;
        // The last line of a message is its own packet; without this it waits for the server's acknowledgement.
        stream.set_nodelay(true).map_err(not_reached)?;
        let mut dialogue: Secured = match self.security {
            Security::Tls => self.greeted(self.secure(stream).await?).await?,
            Security::StartTls => self.start_tls(stream).await?,
            Security::None => self.greeted(Box::new(stream)).await?,
        };
        let hello = self.hello(&mut dialogue).await?;
        if let Some(sign_in) = &self.sign_in {
            sign_in.present(&mut dialogue, &hello).await?;
        }
        Ok(dialogue)
    }

    async fn greeted(&self, stream: Box<dyn Stream>) -> Result<Secured, SendError> {
        let mut dialogue = Dialogue::new(stream);
        ours(dialogue.answer().await, "our call")?;
        Ok(dialogue)
    }

    async fn hello<S: Stream>(&self, dialogue: &mut Dialogue<S>) -> Result<Reply, SendError> {
        ours(dialogue.ask(&format!("EHLO {}", self.hello)).await, "our greeting")
    }

    async fn start_tls(&self, stream: TcpStream) -> Result<Secured, SendError> {
        let mut plain = Dialogue::new(stream);
        ours(plain.answer().await, "our call")?;
        let hello = self.hello(&mut plain).await?;
        if !hello.lines.iter().any(|line| line.trim().eq_ignore_ascii_case("STARTTLS")) {
            return Err(SendError::NotReached("the mail server offers no TLS".into()));
        }
        ours(plain.ask("STARTTLS").await, "TLS")?;
        let early = || SendError::NotReached("the mail server went on unprotected after STARTTLS".into());
        Ok(Dialogue::new(self.secure(plain.into_stream().ok_or_else(early)?).await?))
    }

    async fn secure(&self, stream: TcpStream) -> Result<Box<dyn Stream>, SendError> {
        let name = ServerName::try_from(self.host.clone()).map_err(|_| {
            SendError::NotReached("the mail server's name cannot stand in a certificate".into())
        })?;
        let secured = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await;
        Ok(Box::new(secured.map_err(not_reached)?))
    }
}

impl SignIn {
    /// Presents name and password by the first way that the server offers and we know.
    async fn present(&self, dialogue: &mut Secured, hello: &Reply) -> Result<(), SendError> {
        let upper: Vec<String> = hello.lines.iter().map(|line| line.to_ascii_uppercase()).collect();
        let ways = upper.iter().find_map(|line| line.strip_prefix("AUTH ")).unwrap_or_default();
        let offers = |way: &str| ways.split_whitespace().any(|offered| offered == way);
        let password = self.password.expose_secret();
        if offers("PLAIN") {
            let both = Zeroizing::new(format!("\0{}\0{password}", self.user));
            let line = Zeroizing::new(format!("AUTH PLAIN {}", *encoded(&both)));
            ours(dialogue.ask(&line).await, "our sign-in")?;
        } else if offers("LOGIN") {
            ours(dialogue.ask("AUTH LOGIN").await, "our sign-in")?;
            ours(dialogue.ask(&encoded(&self.user)).await, "our sign-in")?;
            ours(dialogue.ask(&encoded(password)).await, "our sign-in")?;
        } else {
            return Err(SendError::NotReached("the mail server offers no sign-in that we know".into()));
        }
        Ok(())
    }
}

fn encoded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(text))
}

/// An address as it may stand in a command. Addresses were parsed before; this is the last door.
fn address(text: &str) -> Result<&str, SendError> {
    let plain = text.is_ascii() && !text.bytes().any(|b| b.is_ascii_control() || b" <>".contains(&b));
    if plain { Ok(text) } else { Err(SendError::NotReached("an address cannot stand in a command".into())) }
}

/// An answer to something that is about us: a refusal is a fault of our settings or of the server.
fn ours(reply: io::Result<Reply>, what: &str) -> Result<Reply, SendError> {
    let reply = reply.map_err(not_reached)?;
    if reply.is_refusal() {
        return Err(SendError::NotReached(format!("the mail server refused {what}: {}", reply.words())));
    }
    Ok(reply)
}

/// An answer to something that is about this mail.
fn about_mail(reply: Reply) -> Result<Reply, SendError> {
    if reply.is_for_good() {
        Err(SendError::RefusedForGood(reply.words()))
    } else if reply.is_refusal() {
        Err(SendError::RefusedForNow(reply.words()))
    } else {
        Ok(reply)
    }
}

fn not_reached(error: io::Error) -> SendError {
    SendError::NotReached(error.to_string())
}
