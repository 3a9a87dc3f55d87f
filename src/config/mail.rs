//! `[mail]`: how notices leave.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{public_url::PublicUrl, section::Section};

/// `[mail]`.
#[derive(Debug, Clone)]
pub struct Mail {
    /// How a message is handed over.
    pub transport: Transport,
    /// The sender, such as `MoxiEngage <connect@moxi.example>`. No default.
    pub from: String,
    /// Where answers go. Default: the sender.
    pub reply_to: Option<String>,
}

/// How a message is handed over.
#[derive(Debug, Clone)]
pub enum Transport {
    /// To a mail server.
    Smtp(Smtp),
    /// As files in a folder: nothing is sent.
    Files {
        /// The folder. Default: `data/mail`.
        dir: PathBuf,
    },
}

/// The mail server.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its name. No default.
    pub host: String,
    /// Its port. Default: 587 with STARTTLS, 465 with TLS, 25 without either.
    pub port: u16,
    /// How the connection is secured. Default: STARTTLS, and no mail without it.
    pub security: SmtpSecurity,
    /// Name and password. Default: none.
    pub sign_in: Option<SmtpSignIn>,
}

/// Name and password for the mail server.
#[derive(Debug, Clone)]
pub struct SmtpSignIn {
    /// The name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

/// How the connection to the mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// In the clear first, then TLS; refused when the server offers none.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None; only for a server on this machine.
    None,
}

impl Mail {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        const TRANSPORTS: &str = "\"smtp\" or \"files\"";
        let chosen = section.has("transport");
        let transport = section.parsed("transport", TRANSPORTS, |text| match text {
            "smtp" | "files" => Some(text == "smtp"),
            _ => None,
        });
        if !chosen {
            section.complain(
                None,
                "transport",
                format!("is missing: it must be {TRANSPORTS} (files sends nothing)"),
            );
        }
        let named = section.has("from");
        let from = section.parsed("from", "an address, such as MoxiEngage <connect@moxi.example>", |text| {
            is_mailbox(text).then(|| text.to_owned())
        });
        if !named {
            section.complain(None, "from", "is missing: the address that notices come from");
        }
        let reply_to =
            section.parsed("reply_to", "an address", |text| is_mailbox(text).then(|| text.to_owned()));
        let dir = section.path("dir").unwrap_or_else(|| PathBuf::from("data/mail"));
        let smtp = read_smtp(&mut section, transport == Some(true));
        section.close();
        let transport = if transport? { Transport::Smtp(smtp?) } else { Transport::Files { dir } };
        Some(Self { transport, from: from?, reply_to })
    }
}

fn read_smtp(section: &mut Section<'_>, wanted: bool) -> Option<Smtp> {
    let host = section.text("host");
    let security = section
        .placed("security", "\"starttls\", \"tls\" or \"none\"", |text| match text {
            "starttls" => Some(SmtpSecurity::StartTls),
            "tls" => Some(SmtpSecurity::Tls),
            "none" => Some(SmtpSecurity::None),
            _ => None,
        })
        .map_or((SmtpSecurity::StartTls, None), |(security, place)| (security, Some(place)));
    let port = section.whole("port", 1..=65535).and_then(|port| u16::try_from(port).ok());
    let user = section.text("user");
    let password = section.secret("password", "password_file");
    if wanted && host.is_none() {
        section.complain(None, "host", "is missing: `transport = \"smtp\"` needs the mail server's name");
    }
    if user.is_some() != password.is_some() {
        let missing = if user.is_some() { "password" } else { "user" };
        section.complain(None, missing, "is missing: `user` and `password` are set together or not at all");
    }
    let (security, place) = security;
    let host = host?;
    let local = PublicUrl::parse(&format!("http://{host}")).is_some_and(|url| url.is_loopback());
    if security == SmtpSecurity::None && !local {
        section.complain(
            place,
            "security",
            "`mail.security` must be \"starttls\" or \"tls\": without either, sign-in codes would travel in the clear",
        );
        return None;
    }
    let default = match security {
        SmtpSecurity::StartTls => 587,
        SmtpSecurity::Tls => 465,
        SmtpSecurity::None => 25,
    };
    let sign_in = user.zip(password).map(|(user, password)| SmtpSignIn { user, password });
    Some(Smtp { host, port: port.unwrap_or(default), security, sign_in })
}

/// A rough look, so that the mistake is told with its line; the mailer's own parser has the last word.
fn is_mailbox(text: &str) -> bool {
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').unwrap_or(""),
        None => text,
    };
    !text.contains(char::is_control)
        && address.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !address.contains(char::is_whitespace)
        })
}
