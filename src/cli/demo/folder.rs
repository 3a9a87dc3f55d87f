//! The demo's folder.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::cli::exit::Stopped;

/// What tells that a folder belongs to a demo, so that `--fresh` never deletes anything else.
const MARK: &str = "this-is-a-demo";
/// Held by the demo that runs in a folder; it names its process.
const LOCK: &str = "running";

/// A demo's folder. No other demo takes it while this is there; the system lets go of it when the process ends.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder, or takes an earlier demo's; with `fresh` that one's contents go first.
    ///
    /// Errs when it holds something else, and when another demo runs in it.
    pub(super) fn take(folder: &Path, fresh: bool) -> Result<Self, Stopped> {
        let empty = !folder.exists() || entries(folder)?.is_empty();
        if !empty && !folder.join(MARK).exists() {
            let text = format!(
                "{} holds files of something else; name another folder with --data",
                folder.display()
            );
            return Err(Stopped::usage(text));
        }
        private(folder)?;
        let path = folder.canonicalize().map_err(|error| refused(folder, &error))?;
        let lock = lock(&path)?;
        let mark = path.join(MARK);
        fs::write(&mark, "moxi-onboard demo --fresh may delete this folder\n")
            .map_err(|error| refused(&mark, &error))?;
        if fresh {
            wipe(&path)?;
        }
        private(&path.join("mail"))?;
        private(&path.join("keys"))?;
        Ok(Self { path, _lock: lock })
    }

    /// Its full path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Stopped> {
    let read = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    read.map_err(|error| refused(folder, &error))
}

/// Deletes what an earlier demo left, but for the mark and the lock.
fn wipe(folder: &Path) -> Result<(), Stopped> {
    for entry in entries(folder)? {
        if entry.ends_with(MARK) || entry.ends_with(LOCK) {
            continue;
        }
        let gone = if entry.is_dir() { fs::remove_dir_all(&entry) } else { fs::remove_file(&entry) };
        gone.map_err(|error| refused(&entry, &error))?;
    }
    Ok(())
}

fn private(folder: &Path) -> Result<(), Stopped> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| refused(folder, &error))
}

/// Takes the lock and writes this process's number into it.
fn lock(folder: &Path) -> Result<File, Stopped> {
    let path = folder.join(LOCK);
    let failed = |error: io::Error| refused(&path, &error);
    let mut options = OpenOptions::new();
    let open = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let mut file = open.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = (&mut file).take(20).read_to_string(&mut holder);
            return Err(Stopped::new(format!(
                "process {} runs a demo in {}; stop it first, or name another folder with --data",
                holder.trim(),
                folder.display()
            )));
        }
        Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
    }
    let written =
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    written.map_err(failed)?;
    Ok(file)
}

/// Writes a secret that only this user may read.
pub(super) fn secret(path: &Path, text: &str) -> Result<(), Stopped> {
    let mut options = OpenOptions::new();
    let open = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    let written = open.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| refused(path, &error))
}

/// The sentence for a file that cannot be used.
pub(super) fn refused(path: &Path, error: &io::Error) -> Stopped {
    Stopped::new(format!("{} cannot be used: {error}", path.display()))
}
