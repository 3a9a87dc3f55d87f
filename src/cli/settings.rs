//! Where a command finds its settings.

use std::path::PathBuf;

use super::exit::Stopped;
use crate::{config::Settings, vault::files::KeyFiles};

/// The settings of a command.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct From {
    /// The settings file (TOML); each setting can be overridden by MOXI_SECTION__KEY
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl From {
    /// Reads them for a command that needs but a part of them; where nobody named any, one sentence says what it needs, and
    /// not each setting that a whole portal has.
    pub(super) fn load_for(&self, needs: &str) -> Result<Settings, Stopped> {
        let named = self.config.is_some()
            || std::env::vars().any(|(name, _)| name.starts_with("MOXI_") && name.contains("__"));
        self.load().map_err(|stopped| if named { stopped } else { Stopped::usage(needs) })
    }

    /// Reads them; errs with every mistake there is, each with its line.
    pub(super) fn load(&self) -> Result<Settings, Stopped> {
        Settings::load(self.config.as_deref(), std::env::vars())
            .map_err(|problems| Stopped::usage(problems.to_string()))
    }
}

/// The key files that the settings name.
pub(super) fn key_files(settings: &Settings) -> KeyFiles {
    KeyFiles {
        public_keys: settings.vault.public_keys_file.clone(),
        private_keys: settings.vault.private_keys_file.clone(),
        settings_key: settings.vault.settings_key_file.clone(),
        audit_key: settings.vault.audit_key_file.clone(),
        audit_public_keys: settings.vault.audit_public_keys_file.clone(),
        audit_head: settings.vault.audit_head_file.clone(),
    }
}
