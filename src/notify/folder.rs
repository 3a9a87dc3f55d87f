//! Mails as files: one `.eml` for each, which any mail program opens.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::{fs, io::AsyncWriteExt};

use super::outgoing::{Accepted, Outgoing, SendError};

/// What stands where a mail server's answer would.
const KEPT: &str = "Kept as a file and sent to nobody.";

/// A folder for mails. Names sort by time: `20261121T104200.000000Z-verified-mail_ID.eml`.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Mails go into this folder; it is made, for its owner alone, when the first mail comes.
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes the file beside its place and renames it, so that nobody reads half a mail.
    pub(super) async fn send(&self, mail: Outgoing<'_>) -> Result<Accepted, SendError> {
        let time = mail.now.timestamp().strftime("%Y%m%dT%H%M%S.%6fZ");
        let name = format!("{time}-{}-{}.eml", mail.kind.as_str(), mail.id);
        let written = self.put(&name, mail.message).await;
        written
            .map(|()| Accepted { reply: KEPT.to_owned() })
            .map_err(|error| SendError::NotReached(error.to_string()))
    }

    async fn put(&self, name: &str, message: &[u8]) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0).await?;
        let beside = self.0.join(format!(".{name}.new"));
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside).await?;
        file.write_all(message).await?;
        file.sync_all().await?;
        fs::rename(&beside, self.0.join(name)).await
    }
}
