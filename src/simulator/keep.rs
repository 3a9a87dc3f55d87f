//! What outlives a start: the mailboxes, and which tenants have healed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::files::{read, write};
use super::settings::StartError;
use super::world::live::{Kept, World};

const MAILBOXES: &str = "mailboxes.json";

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
