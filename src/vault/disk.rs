//! Reading and writing of key files: modes, sizes, whole replacement.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::keyring::KeyId;

/// A keyring of a thousand keys is smaller.
const LARGEST_FILE: u64 = 256 * 1024;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Only the user that the process runs as.
    Owner,
    /// Everybody.
    Everybody,
}

/// What is wrong with the key files, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// A file or its folder cannot be read.
    #[error("the key file {path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file or its folder cannot be written.
    #[error("the key file {path} cannot be written: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Group or others may read a private file.
    #[error(
        "{path} can be read by others (mode {mode:03o}): run chmod 600 on it, and see who could have read it"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A line is not as it must be.
    #[error("{path}, line {line}: {why}")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// The file as a whole is not as it must be.
    #[error("{path}: {why}")]
    Whole {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Some files are there and some are not.
    #[error(
        "{present} is there and {missing} is not. Put the missing file back from its copy; if this is a new installation, remove the others"
    )]
    Partial {
        /// One that is there.
        present: PathBuf,
        /// One that is not.
        missing: PathBuf,
    },
    /// A public key has no private half: what is sealed to it could never be opened.
    #[error("{public} lists the key {key}, which {private} does not hold: the files do not belong together")]
    Unpaired {
        /// The public keyring.
        public: PathBuf,
        /// The private keyring.
        private: PathBuf,
        /// The key.
        key: KeyId,
    },
}

impl KeyFileError {
    /// A fault in the text of a file; line 0 stands for the file as a whole.
    pub(super) fn format(path: &Path, line: usize, why: String) -> Self {
        let path = path.to_owned();
        if line == 0 { Self::Whole { path, why } } else { Self::Line { path, line, why } }
    }
}

/// Reads a key file; refuses one that others may read although it is the owner's.
pub(super) fn read(path: &Path, access: Access) -> Result<Zeroizing<String>, KeyFileError> {
    let failed = |source| KeyFileError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    let mode = about.mode() & 0o777;
    if access == Access::Owner && mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed { path: path.to_owned(), mode });
    }
    if about.len() > LARGEST_FILE {
        return Err(KeyFileError::Whole {
            path: path.to_owned(),
            why: "it is too large for a key file".into(),
        });
    }
    // The room is made at once: a buffer that grows leaves copies of what it held behind.
    let room = usize::try_from(about.len()).unwrap_or(0) + 1;
    let mut text = Zeroizing::new(String::with_capacity(room));
    file.take(LARGEST_FILE).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Writes a key file beside its place, makes it durable, and puts it there.
pub(super) fn write(path: &Path, text: &str, access: Access) -> Result<(), KeyFileError> {
    let failed = |source| KeyFileError::Write { path: path.to_owned(), source };
    let beside = beside(path);
    let written = put(&beside, text, access).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What was written of it may be a private key. Where even removal fails the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(failed)?;
    File::open(folder_of(path)).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn put(beside: &Path, text: &str, access: Access) -> io::Result<()> {
    let mode = match access {
        Access::Owner => 0o600,
        Access::Everybody => 0o644,
    };
    // A rest of an interrupted write; the folder is held, so no other writer is at it.
    if beside.exists() {
        fs::remove_file(beside)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Keeps other processes from changing the key files of this folder, until the handle goes. Makes the folder, for
/// its owner alone, where it is missing.
pub(super) fn hold_folder_of(path: &Path) -> Result<File, KeyFileError> {
    let failed = |source| KeyFileError::Write { path: path.to_owned(), source };
    let folder = folder_of(path);
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let handle = File::open(folder).map_err(failed)?;
    handle.lock().map_err(failed)?;
    Ok(handle)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}
