//! The lines of a mail server's dialogue (RFC 5321), over any stream. It knows how far it came; that is the whole
//! point of having it: libraries hide it.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use zeroize::Zeroizing;

/// The longest line we read, and the most lines of one answer. The standard's limit for a line is 512.
const LONGEST_LINE: u64 = 2048;
const MOST_LINES: usize = 100;
/// How much of an answer is kept.
const KEPT: usize = 400;

/// A connection to a mail server.
pub(super) struct Dialogue<S> {
    stream: BufReader<S>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// The three digits.
    pub(super) code: u16,
    /// The lines behind them.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// It is done (2xx).
    pub(super) const fn is_done(&self) -> bool {
        matches!(self.code, 200..300)
    }

    /// It is refused (4xx or 5xx).
    pub(super) const fn is_refusal(&self) -> bool {
        self.code >= 400
    }

    /// It is refused for good (5xx).
    pub(super) const fn is_for_good(&self) -> bool {
        self.code >= 500
    }

    /// Code and words in one line, shortened and without control characters.
    pub(super) fn words(&self) -> String {
        let all = format!("{} {}", self.code, self.lines.join(" "));
        all.chars().filter(|c| !c.is_control()).take(KEPT).collect()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream: BufReader::new(stream) }
    }

    /// Gives the stream back for TLS. `None` when the other side already sent more than it was asked for: those
    /// bytes came unprotected and would be taken for protected ones.
    pub(super) fn into_stream(self) -> Option<S> {
        self.stream.buffer().is_empty().then(|| self.stream.into_inner())
    }

    /// Sends a line and reads the answer.
    pub(super) async fn ask(&mut self, line: &str) -> io::Result<Reply> {
        let line = Zeroizing::new(format!("{line}\r\n"));
        self.stream.write_all(line.as_bytes()).await?;
        self.stream.flush().await?;
        self.answer().await
    }

    /// Sends a message without the final dot: what was sent so far is no message yet.
    pub(super) async fn send_body(&mut self, message: &[u8]) -> io::Result<()> {
        self.stream.write_all(&Zeroizing::new(with_dots_doubled(message))).await?;
        self.stream.flush().await
    }

    /// Sends the final dot. From its first byte on the other side may take the message.
    pub(super) async fn send_end(&mut self) -> io::Result<()> {
        self.stream.write_all(b".\r\n").await?;
        self.stream.flush().await
    }

    /// Reads an answer of one or more lines.
    pub(super) async fn answer(&mut self) -> io::Result<Reply> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await?;
            let strange = || io::Error::new(io::ErrorKind::InvalidData, "this is no mail server's answer");
            let (code, rest) = line.split_at_checked(3).ok_or_else(strange)?;
            let code: u16 = code.parse().ok().filter(|code| (200..600).contains(code)).ok_or_else(strange)?;
            let more = match rest.chars().next() {
                None | Some(' ') => false,
                Some('-') if lines.len() < MOST_LINES => true,
                Some(_) => return Err(strange()),
            };
            lines.push(rest.get(1..).unwrap_or_default().to_owned());
            if !more {
                return Ok(Reply { code, lines });
            }
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        (&mut self.stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
        if line.pop() != Some(b'\n') {
            let why = "the mail server ended the connection, or sent a line without end";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
        }
        Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
    }
}

/// A message as it travels: a dot that begins a line is doubled, and the last line ends.
fn with_dots_doubled(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 64);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_dot_does_not_end_the_message() {
        assert_eq!(with_dots_doubled(b".\r\na\r\n..\r\nb."), b"..\r\na\r\n...\r\nb.\r\n");
        assert_eq!(with_dots_doubled(b"a\r\n"), b"a\r\n");
    }

    #[tokio::test]
    async fn answers_are_read_whole_and_strangers_refused() {
        let long = format!("220 {}\r\n", "x".repeat(3000));
        let endless = "250-x\r\n".repeat(200);
        let cases: [(&str, Option<(u16, usize)>); 9] = [
            ("220 hello\r\n", Some((220, 1))),
            ("250-one\r\n250-two\r\n250 three\r\n", Some((250, 3))),
            ("354\n", Some((354, 1))),
            ("HTTP/1.1 400 Bad Request\r\n", None),
            ("999 x\r\n", None),
            ("25", None),
            ("2\u{e9}0 x\r\n", None),
            (&long, None),
            (&endless, None),
        ];
        for (sent, read) in cases {
            let (ours, mut theirs) = tokio::io::duplex(1 << 16);
            theirs.write_all(sent.as_bytes()).await.expect("writes");
            drop(theirs);
            let reply = Dialogue::new(ours).answer().await;
            assert_eq!(
                reply.ok().map(|r| (r.code, r.lines.len())),
                read,
                "{:?}",
                &sent[..sent.len().min(40)]
            );
        }
    }

    #[test]
    fn what_is_kept_of_an_answer_is_short_and_harmless() {
        let reply = Reply { code: 554, lines: vec![format!("\u{1b}[31m{}", "no ".repeat(1000))] };
        assert!(reply.words().starts_with("554 [31mno no") && reply.words().chars().count() == KEPT);
    }
}
