//! The machine itself: room on its disks.

use std::path::{Path, PathBuf};

use rustix::fs::statvfs;

use super::{Finding, Findings};
use crate::config::{Settings, Transport};

/// With less, the database stops within days.
const LEAST: u64 = 512 * 1024 * 1024;
/// Below these shares of free room, in percent, it is time to look, and to act.
const LITTLE: u64 = 20;
const TOO_LITTLE: u64 = 5;
/// With this much, no share is too small: the twentieth part of a large disk is still room for months.
const ENOUGH: u64 = 5 * 1024 * 1024 * 1024;

/// Looks at the disks that the installation writes to.
pub(super) fn disk(settings: &Settings, findings: &mut Findings) {
    for (what, path) in written(settings) {
        let Some(folder) = path.ancestors().find(|folder| folder.exists()) else { continue };
        match statvfs(folder) {
            Ok(disk) => {
                let free = disk.f_bavail.saturating_mul(disk.f_frsize);
                let percent = disk.f_bavail.saturating_mul(100) / disk.f_blocks.max(1);
                findings.add(finding(what, &path, free, percent));
            }
            Err(error) => findings.add(Finding::note(
                what,
                format!("the room at {} is not known: {error}", path.display()),
                "see whether this user may look there",
            )),
        }
    }
}

/// The places this installation writes to, where they are on this machine.
fn written(settings: &Settings) -> Vec<(&'static str, PathBuf)> {
    let full = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut places = Vec::new();
    if let Some(file) = settings.database.file() {
        places.push(("database disk", full(&file)));
    }
    if let Transport::Files { dir } = &settings.mail.transport {
        places.push(("mail disk", full(dir)));
    }
    places
}

fn finding(what: &'static str, path: &Path, free: u64, percent: u64) -> Finding {
    let text = format!("{percent} % ({} MiB) are free at {}", free / (1024 * 1024), path.display());
    let to_do = "make room or take a larger disk: without room nothing is taken in any more";
    if free < LEAST || (percent < TOO_LITTLE && free < ENOUGH) {
        Finding::red(what, text, to_do)
    } else if percent < LITTLE {
        Finding::note(what, text, to_do)
    } else {
        Finding::good(what, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_noted_and_too_little_is_red() {
        let colour = |free, percent| {
            serde_json::to_value(finding("disk", Path::new("/data"), free, percent)).expect("JSON")["colour"]
                .clone()
        };
        let much = 1 << 40;
        assert_eq!(
            [
                colour(much, 50),
                colour(much, 19),
                colour(much, 4),
                colour(ENOUGH - 1, 4),
                colour(LEAST - 1, 50)
            ],
            ["good", "note", "note", "red", "red"]
        );
    }
}
