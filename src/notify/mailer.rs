//! The mailer hands finished messages over: to a mail server, to a folder, or to a test.

use super::{folder::Folder, memory::Memory, smtp::SmtpServer};

pub use super::outgoing::{Accepted, Outgoing, SendError};

/// How messages are handed over.
pub enum Mailer {
    /// To a mail server.
    Smtp(SmtpServer),
    /// As files in a folder: nothing is sent.
    Files(Folder),
    /// Kept in memory, for tests.
    Memory(Memory),
}

impl Mailer {
    /// Hands a message over. It ends within the patience of its transport.
    ///
    /// Errs as [`SendError`] says; the texts of errors may hold what the mail server said, and so an address.
    pub async fn send(&self, mail: Outgoing<'_>) -> Result<Accepted, SendError> {
        match self {
            Self::Smtp(server) => server.send(mail).await,
            Self::Files(folder) => folder.send(mail).await,
            Self::Memory(memory) => memory.send(mail),
        }
    }
}
