//! A composed mail becomes the final bytes of a message (RFC 5322). Everything in them is given: the same input
//! makes the same bytes, and mail systems recognise a repeat by Message-ID and Date.

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::composed::Composed;
use crate::domain::{
    address::MailAddress,
    ids::{BrokerageId, MailId},
    instant::Instant,
    mail::MailKind,
    text::{PersonName, is_hidden},
};

/// Who mails come from and where answers go.
#[derive(Debug, Clone)]
pub struct Sender {
    from: Mailbox,
    reply_to: Mailbox,
}

/// Where a mail goes and by what it is known.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// The recipient.
    pub to: &'a MailAddress,
    /// The recipient's name.
    pub to_name: Option<&'a PersonName>,
    /// The Message-ID with its angle brackets, made once when the mail was written to the outbox.
    pub message_id: &'a str,
    /// When it was written to the outbox.
    pub date: Instant,
    /// The brokerage it is for: all mails to it stand in one thread.
    pub thread: Option<&'a BrokerageId>,
    /// Whom an answer goes to, where that is not our own address: name and address.
    pub reply_to: Option<(&'a PersonName, &'a MailAddress)>,
}

/// Why a message was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FinishError {
    /// The sender's or answer's address of the settings is none.
    #[error("the sender's address is no mail address")]
    Sender,
    /// The recipient's address is one that mail programs do not take.
    #[error("the recipient's address is no mail address")]
    Recipient,
    /// The Message-ID is not of the form `<left@right>`.
    #[error("the Message-ID is none")]
    MessageId,
    /// The parts make no message.
    #[error("the message could not be put together")]
    Message,
}

impl Sender {
    /// Reads `MoxiEngage <connect@moxi.example>` or a bare address; answers go to the sender unless `reply_to` is
    /// given. Errs when either is no address.
    pub fn parse(from: &str, reply_to: Option<&str>) -> Result<Self, FinishError> {
        let from: Mailbox = from.parse().map_err(|_| FinishError::Sender)?;
        let reply_to = reply_to.map(str::parse).transpose().map_err(|_| FinishError::Sender)?;
        Ok(Self { reply_to: reply_to.unwrap_or_else(|| from.clone()), from })
    }

    /// The bare address, for the envelope: bounces come back to it.
    pub fn address(&self) -> &str {
        self.from.email.as_ref()
    }

    /// The Message-ID of a mail: kind and id at our domain. It shows to the recipient and tells nothing.
    pub fn message_id(&self, kind: MailKind, id: &MailId) -> String {
        format!("<{}.{id}@{}>", kind.as_str(), self.from.email.domain())
    }

    /// Makes the bytes.
    ///
    /// Errs when an address or the Message-ID is none. Line breaks and encoded words in names and subjects cannot
    /// make headers of their own: they are taken out, and the rest goes through lettre's typed headers.
    pub fn finish(&self, mail: &Composed, letter: Letter<'_>) -> Result<Zeroizing<Vec<u8>>, FinishError> {
        let to: Address = letter.to.as_str().parse().map_err(|_| FinishError::Recipient)?;
        let name = letter.to_name.map(|name| plain(name.as_str())).filter(|name| !name.is_empty());
        if !is_message_id(letter.message_id) {
            return Err(FinishError::MessageId);
        }
        let reply_to = match letter.reply_to {
            Some((name, address)) => {
                let address: Address = address.as_str().parse().map_err(|_| FinishError::Sender)?;
                Mailbox::new(Some(plain(name.as_str())).filter(|name| !name.is_empty()), address)
            }
            None => self.reply_to.clone(),
        };
        let since = Duration::from_micros(u64::try_from(letter.date.as_micros()).unwrap_or_default());
        let mut message = Message::builder()
            .message_id(Some(letter.message_id.to_owned()))
            .date(UNIX_EPOCH + since)
            .from(self.from.clone())
            .reply_to(reply_to)
            .to(Mailbox::new(name, to))
            .subject(plain(&mail.subject));
        if let Some(brokerage) = letter.thread {
            let root = format!("<{brokerage}@{}>", self.from.email.domain());
            message = message.in_reply_to(root.clone()).references(root);
        }
        let message = message
            // Nobody's holiday notice shall answer; bounces shall come.
            .raw_header(fixed("Auto-Submitted", "auto-generated"))
            .raw_header(fixed("X-Auto-Response-Suppress", "OOF, AutoReply"))
            .raw_header(fixed("Content-Language", "en"))
            .multipart(parts(mail, letter.message_id)?)
            .map_err(|_| FinishError::Message)?;
        Ok(Zeroizing::new(message.formatted()))
    }
}

fn parts(mail: &Composed, message_id: &str) -> Result<MultiPart, FinishError> {
    let kind = |text| ContentType::parse(text).map_err(|_| FinishError::Message);
    let text = SinglePart::builder()
        .header(kind("text/plain; charset=utf-8; format=flowed")?)
        .body(mail.text.clone());
    let html = SinglePart::builder().header(kind("text/html; charset=utf-8")?).body(mail.html.clone());
    // The library would draw a boundary by lot, and a repeat would differ.
    let digest = Sha256::digest(message_id);
    let boundary = hex::encode(&digest[..20]);
    Ok(MultiPart::alternative().boundary(boundary).singlepart(text).singlepart(html))
}

fn fixed(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Characters of a subject or a name in a header. A line ends at 998 bytes (RFC 5322, 2.1.1), and a text without blanks is
/// folded nowhere; names of offices and connections are far shorter.
const LONGEST: usize = 300;

/// A text as it may stand in a header: no character that hides or breaks lines, and nothing that a mail program
/// would take for an encoded word and decode to something else.
pub(super) fn plain(text: &str) -> String {
    let shown: String = text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ").replace("=?", "= ?");
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

fn is_message_id(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or_default();
    let atoms = inner.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
    let halves: Vec<&str> = inner.split('@').collect();
    atoms && inner.len() <= 200 && halves.len() == 2 && halves.iter().all(|half| !half.is_empty())
}
