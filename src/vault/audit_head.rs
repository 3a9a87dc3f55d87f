//! What the sealing machine remembers of the audit: the head that it signed last, in a file beside the audit key. The
//! database is another's to change; this is not. So a chain that was cut back behind it is not signed on.

use std::path::{Path, PathBuf};

use super::disk::{self, Access, KeyFileError};
use crate::domain::audit::Checkpoint;

const SAYS: &str = "# The last head of the audit's chain that was signed here. Without this file the sealer takes the \
                    chain as it finds it.\n";

/// The file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead(PathBuf);

impl AuditHead {
    /// The file at this path; it is made when something is first remembered.
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What is remembered; `None` while the file is not there.
    ///
    /// Errs when it cannot be read, or holds anything else.
    pub fn read(&self) -> Result<Option<Checkpoint>, KeyFileError> {
        let text = match disk::read(&self.0, Access::Everybody) {
            Ok(text) => text,
            Err(KeyFileError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let head = text.lines().find(|line| !line.starts_with('#')).and_then(Checkpoint::parse);
        let why =
            "it holds no head of the audit's chain, which is a number, a colon and 64 hexadecimal digits";
        head.map(Some).ok_or_else(|| KeyFileError::format(&self.0, 0, why.to_owned()))
    }

    /// Remembers a head that was signed and committed.
    ///
    /// Errs when the file cannot be written.
    pub fn keep(&self, head: Checkpoint) -> Result<(), KeyFileError> {
        let _held = disk::hold_folder_of(&self.0)?;
        disk::write(&self.0, &format!("{SAYS}{head}\n"), Access::Everybody)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Randomness;

    #[test]
    fn a_head_is_remembered_and_nothing_else_is_taken_for_one() {
        let name = u64::from_be_bytes(Randomness::system().bytes());
        let folder = std::env::temp_dir().join(format!("moxi-head-{name:016x}"));
        let file = AuditHead::at(folder.join("audit.head"));
        assert!(matches!(file.read(), Ok(None)));
        for seq in [1, 7] {
            let head = Checkpoint { seq, hash: [0xab; 32] };
            file.keep(head).expect("it is written");
            assert_eq!(file.read().expect("it is read"), Some(head));
        }
        for wrong in ["", "# nothing\n", "7\n", "7:ab\n", &format!("0:{}\n", "ab".repeat(32))] {
            std::fs::write(file.path(), wrong).expect("it is written");
            let error = file.read().expect_err("refused").to_string();
            assert!(error.contains("holds no head"), "{wrong:?}: {error}");
        }
        std::fs::remove_dir_all(folder).expect("it goes");
    }
}
