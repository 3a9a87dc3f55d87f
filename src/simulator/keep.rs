//! Files that outlive a start, written so that a crash leaves the old or the new one and nothing between.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::settings::StartError;
use super::world::live::{Kept, World};

const MAILBOXES: &str = "mailboxes.json";

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

/// What an earlier run kept in this folder.
pub(crate) fn kept(data_dir: &Path) -> Result<Kept, StartError> {
    let path = data_dir.join(MAILBOXES);
    let Some(text) = read(&path)? else { return Ok(Kept::default()) };
    serde_json::from_str(&text).map_err(|error| StartError::Damaged { path, reason: error.to_string() })
}

/// Writes what has changed until told to stop, and then once more.
pub(crate) async fn keep_writing(world: Arc<World>, data_dir: PathBuf, stop: CancellationToken) {
    loop {
        let stopped = tokio::select! {
            () = stop.cancelled() => true,
            () = world.changed.notified() => false,
        };
        write_kept(&world, &data_dir).await;
        if stopped {
            return;
        }
    }
}

async fn write_kept(world: &World, data_dir: &Path) {
    let path = data_dir.join(MAILBOXES);
    let written = match world.kept_text() {
        Ok(text) => tokio::task::spawn_blocking(move || write(&path, &text, false)).await,
        Err(error) => Ok(Err(io::Error::other(error))),
    };
    match written {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the simulator could not keep its mailboxes"),
        Err(error) => tracing::warn!(%error, "the simulator could not keep its mailboxes"),
    }
}
