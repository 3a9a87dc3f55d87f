//! The mails that went out as files, read the way a person reads them: the plain part of a message.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use moxi_onboard::domain::review::NeedRule;

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

/// All mails of one world; clones share what was read and which were expected.
#[derive(Clone)]
pub struct Mailbox {
    folder: PathBuf,
    kept: Arc<Mutex<Kept>>,
}

/// What is known of the folder. Each mail is read once, however many people wait for theirs.
#[derive(Default)]
struct Kept {
    /// Oldest first.
    letters: Vec<(SystemTime, Letter)>,
    files: BTreeSet<PathBuf>,
    explained: BTreeSet<PathBuf>,
    looked: Option<Instant>,
}

/// How long a mail is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks into the folder.
const PAUSE: Duration = Duration::from_millis(25);

impl Mailbox {
    pub fn at(folder: &Path) -> Mailbox {
        Mailbox { folder: folder.to_owned(), kept: Arc::default() }
    }

    /// Every mail so far, oldest first.
    pub fn all(&self) -> Vec<Letter> {
        let mut kept = self.kept();
        kept.look(&self.folder);
        kept.letters.iter().map(|(_, letter)| letter.clone()).collect()
    }

    /// Waits for a mail to `address` whose subject has `words` and that was not taken before; it is explained then.
    pub async fn gets(&self, address: &str, words: &str) -> Letter {
        self.gets_one(address, &[words], PATIENCE).await.unwrap_or_else(|| {
            let all: Vec<_> = self.all().into_iter().map(|letter| (letter.to, letter.subject)).collect();
            panic!("no mail to {address} about {words:?}: {all:#?}")
        })
    }

    /// The same for a subject that has any of these; `None` when none came for so long.
    pub async fn gets_one(&self, address: &str, any: &[&str], patience: Duration) -> Option<Letter> {
        let waited = tokio::time::timeout(patience, async {
            loop {
                if let Some(letter) = self.take(address, any) {
                    return letter;
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
        waited.await.ok()
    }

    fn take(&self, address: &str, any: &[&str]) -> Option<Letter> {
        let mut kept = self.kept();
        if kept.looked.is_none_or(|last| last.elapsed() >= PAUSE) {
            kept.look(&self.folder);
        }
        let wanted = |letter: &Letter| {
            letter.to.contains(address)
                && any.iter().any(|words| letter.subject.contains(words))
                && !kept.explained.contains(&letter.file)
        };
        let letter = kept.letters.iter().map(|(_, letter)| letter).find(|letter| wanted(letter))?.clone();
        kept.explained.insert(letter.file.clone());
        Some(letter)
    }

    /// The mails that no story has waited for.
    pub fn unexplained(&self) -> Vec<Letter> {
        let all = self.all();
        let kept = self.kept();
        // "Received" is held when the check ends before the mail's turn: it may come, and nobody need wait for it.
        // Our own people hear of what stands in the queue for a minute: whether a story takes that long is the machine's
        // affair.
        let of_the_queue = |letter: &Letter| {
            letter.to.contains("@moxiworks.example")
                && NeedRule::ALL
                    .iter()
                    .filter(|rule| **rule != NeedRule::BreakGlass)
                    .map(|rule| rule.lead())
                    .chain(["Overdue:"])
                    .any(|words| letter.subject.starts_with(words))
        };
        let expected = |letter: &Letter| {
            of_the_queue(letter)
                || letter.subject.starts_with("Received")
                || kept.explained.contains(&letter.file)
        };
        all.into_iter().filter(|letter| !expected(letter)).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Reads the mails that have come since the last look.
    fn look(&mut self, folder: &Path) {
        self.looked = Some(Instant::now());
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for file in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let mail = file.extension().is_some_and(|ending| ending == "eml");
            if !mail || self.files.contains(&file) {
                continue;
            }
            let came = || Some((std::fs::metadata(&file).ok()?.modified().ok()?, std::fs::read(&file).ok()?));
            let Some((at, bytes)) = came() else { continue };
            self.files.insert(file.clone());
            self.letters.push((at, Letter::read(&bytes, file)));
        }
        self.letters.sort_by(|(a, one), (b, other)| (a, &one.file).cmp(&(b, &other.file)));
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
