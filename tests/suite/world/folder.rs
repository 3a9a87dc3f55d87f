//! A folder of a test's own.

use std::path::{Path, PathBuf};

use moxi_onboard::clock::Randomness;

/// A folder that goes when the test ends well; one of a failed test stays, to be looked at.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        let name = u64::from_be_bytes(Randomness::system().bytes());
        let path = std::env::temp_dir().join(format!("moxi-test-{name:016x}"));
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("what the test left: {}", self.0.display());
            return;
        }
        // Whoever still writes into it, such as a simulator that was let go of just now, no longer finds it.
        let going = self.0.with_extension("going");
        let _ = std::fs::rename(&self.0, &going);
        let _ = std::fs::remove_dir_all(&going);
    }
}
