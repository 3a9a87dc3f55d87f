//! Files and folders, written so that a crash leaves the old or the new one and nothing between.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::settings::StartError;

/// Makes the folder.
pub(crate) fn folder(path: &Path) -> Result<(), StartError> {
    fs::create_dir_all(path).map_err(|source| StartError::File { path: path.to_owned(), source })
}

/// A file's text, or none when there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<String>, StartError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(StartError::Damaged { path: path.to_owned(), reason: "it is not text".into() })
        }
        Err(source) => Err(StartError::File { path: path.to_owned(), source }),
    }
}

/// Writes a file beside its final name and renames it; only the owner may read one that is `private`.
pub(crate) fn write(path: &Path, text: &str, private: bool) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mode = if private { 0o600 } else { 0o644 };
    // A file left by a crash may have another mode; modes are given only to new files.
    if let Err(error) = fs::remove_file(&beside)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}
