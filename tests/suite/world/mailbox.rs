//! The mails that went out as files, read the way a person reads them: the plain part of a message.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A mail as it was handed over.
#[derive(Debug, Clone)]
pub struct Letter {
    pub file: PathBuf,
    pub to: String,
    pub subject: String,
    pub message_id: String,
    /// The plain part.
    pub text: String,
    pub bytes: Vec<u8>,
}

/// All mails of one world; clones share which were expected.
#[derive(Clone)]
pub struct Mailbox {
    folder: PathBuf,
    explained: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Mailbox {
    pub fn at(folder: &Path) -> Mailbox {
        Mailbox { folder: folder.to_owned(), explained: Arc::default() }
    }

    /// Every mail so far, oldest first.
    pub fn all(&self) -> Vec<Letter> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let mut files: Vec<_> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let mail = entry.path().extension().is_some_and(|ending| ending == "eml");
                mail.then(|| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))?
            })
            .collect();
        files.sort();
        files
            .into_iter()
            .filter_map(|(_, file)| Some(Letter::read(&std::fs::read(&file).ok()?, file)))
            .collect()
    }

    /// Waits for a mail to `address` whose subject has `words` and that was not taken before; it is explained then.
    pub async fn gets(&self, address: &str, words: &str) -> Letter {
        let waited = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                if let Some(letter) = self.take(address, words) {
                    return letter;
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        });
        waited.await.unwrap_or_else(|_| {
            let all: Vec<_> = self.all().into_iter().map(|letter| (letter.to, letter.subject)).collect();
            panic!("no mail to {address} about {words:?}: {all:#?}")
        })
    }

    fn take(&self, address: &str, words: &str) -> Option<Letter> {
        let mut explained = self.explained.lock().unwrap_or_else(PoisonError::into_inner);
        let letter = self.all().into_iter().find(|letter| {
            letter.to.contains(address) && letter.subject.contains(words) && !explained.contains(&letter.file)
        })?;
        explained.insert(letter.file.clone());
        Some(letter)
    }

    /// The mails that no story has waited for.
    pub fn unexplained(&self) -> Vec<Letter> {
        let explained = self.explained.lock().unwrap_or_else(PoisonError::into_inner);
        // "Received" is held when the check ends before the mail's turn: it may come, and nobody need wait for it.
        let expected =
            |letter: &Letter| letter.subject.starts_with("Received") || explained.contains(&letter.file);
        self.all().into_iter().filter(|letter| !expected(letter)).collect()
    }
}

impl Letter {
    fn read(bytes: &[u8], file: PathBuf) -> Letter {
        let source = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        let (head, body) = source.split_once("\n\n").unwrap_or((&source, ""));
        let header = |name: &str| decoded_header(&header(head, name));
        let text = plain_part(head, body);
        Letter {
            to: header("to"),
            subject: header("subject"),
            message_id: header("message-id"),
            text,
            bytes: bytes.to_vec(),
            file,
        }
    }

    /// The sign-in code: eight letters and digits on a line of their own, perhaps with a dash between.
    pub fn code(&self) -> String {
        let is_code = |line: &&str| {
            let bare: String = line.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
            bare.len() == 8
                && bare.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
                && line.trim().len() <= 9
        };
        let found = self.text.lines().find(is_code);
        found.unwrap_or_else(|| panic!("no code in the mail:\n{}", self.text)).trim().to_owned()
    }

    /// The plain part without the breaks of its lines.
    pub fn words(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn header(head: &str, name: &str) -> String {
    let mut lines = head.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((key, value)) = line.split_once(':') else { continue };
        if !key.eq_ignore_ascii_case(name) {
            continue;
        }
        let mut value = value.trim().to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
            value.push(' ');
            value.push_str(more.trim());
        }
        return value;
    }
    String::new()
}

/// A header with its encoded words read.
fn decoded_header(value: &str) -> String {
    let value = value.replace("?= =?", "?==?");
    let mut out = String::new();
    let mut rest = value.as_str();
    while let Some((before, word)) = rest.split_once("=?utf-8?b?") {
        let (encoded, after) = word.split_once("?=").expect("an encoded word ends");
        out.push_str(before);
        out.push_str(&String::from_utf8(STANDARD.decode(encoded).expect("base64")).expect("UTF-8"));
        rest = after;
    }
    out + rest
}

fn plain_part(head: &str, body: &str) -> String {
    let kind = header(head, "content-type");
    if !kind.starts_with("multipart/") {
        return part_text(head, body);
    }
    let at = body.find("Content-Type: text/plain").expect("a mail has a plain part");
    // The head of the part begins at its boundary's line.
    let start = body[..at].rfind("\n--").map_or(0, |at| at + 1);
    let (head, body) = body[start..].split_once("\n\n").expect("a part has a body");
    part_text(head, body)
}

fn part_text(head: &str, body: &str) -> String {
    let body = body.split("\n--").next().unwrap_or(body);
    match header(head, "content-transfer-encoding").to_ascii_lowercase().as_str() {
        "base64" => {
            let joined: String = body.split_whitespace().collect();
            String::from_utf8(STANDARD.decode(joined).expect("base64")).expect("UTF-8")
        }
        "quoted-printable" => from_quoted(body),
        _ => body.to_owned(),
    }
}

fn from_quoted(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let (mut out, mut rest) = (Vec::new(), joined.as_bytes());
    while let [first, others @ ..] = rest {
        let byte = match (first, others) {
            (b'=', [a, b, ..]) => {
                std::str::from_utf8(&[*a, *b]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
            }
            _ => None,
        };
        rest = if byte.is_some() { &others[2..] } else { others };
        out.push(byte.unwrap_or(*first));
    }
    String::from_utf8(out).expect("UTF-8")
}
