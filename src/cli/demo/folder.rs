//! The demo's folder.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use crate::cli::exit::Stopped;

/// What tells that a folder belongs to a demo, so that `--fresh` never deletes anything else.
const MARK: &str = "this-is-a-demo";

/// Makes the folder, or takes an earlier demo's; with `fresh` that one's contents go first. Gives its full path.
pub(super) fn prepare(folder: &Path, fresh: bool) -> Result<PathBuf, Stopped> {
    let empty = !folder.exists() || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    if !empty && !folder.join(MARK).exists() {
        let text =
            format!("{} holds files of something else; name another folder with --data", folder.display());
        return Err(Stopped::usage(text));
    }
    if fresh && !empty {
        fs::remove_dir_all(folder).map_err(|error| refused(folder, &error))?;
    }
    for folder in [folder.to_path_buf(), folder.join("mail"), folder.join("keys")] {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| refused(&folder, &error))?;
    }
    fs::write(folder.join(MARK), "moxi-onboard demo --fresh may delete this folder\n")
        .and_then(|()| folder.canonicalize())
        .map_err(|error| refused(folder, &error))
}

/// The sentence for a file that cannot be used.
pub(super) fn refused(path: &Path, error: &io::Error) -> Stopped {
    Stopped::new(format!("{} cannot be used: {error}", path.display()))
}
