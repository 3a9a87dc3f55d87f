//! Key files: made, read, changed.
//!
//! Private files belong to one user: a file that group or others may read is refused. Files are replaced as a whole
//! (written beside, then renamed), so that a crash leaves the old one or the new one.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::{
    audit_head::AuditHead,
    audit_key::{AuditKey, AuditPublicKey, AuditPublicKeys},
    disk::{self, Access, KeyFileError},
    held::Vault,
    keyring::{PrivateKey, PrivateKeyring, PublicKey, PublicKeyring},
    keyring_text as text,
    open::OpeningKeys,
    seal::SealingKeys,
    settings_key::SettingsKey,
};
use crate::clock::Randomness;

/// Where the key files of a process are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFiles {
    /// The public keyring.
    pub public_keys: PathBuf,
    /// The private keyring; a process that only seals never looks at it.
    pub private_keys: PathBuf,
    /// The settings key.
    pub settings_key: PathBuf,
    /// The private audit key; only a worker that seals the audit has it.
    pub audit_key: PathBuf,
    /// The public audit keys, for whoever verifies the audit.
    pub audit_public_keys: PathBuf,
    /// Where a worker that seals the audit remembers the head it signed last.
    pub audit_head: PathBuf,
}

/// What a process may do with secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// It takes secrets in: portal and staff. The private file is not even looked at.
    SealingKeys,
    /// It opens them as well: the worker.
    OpeningKeys,
}

impl KeyFiles {
    /// Makes the files of sealing keys, settings key and audit key where none of them is there yet: the embedded
    /// default on its first start. Tells whether it made sealing keys.
    ///
    /// Errs as [`Self::create_missing_sealing`] and [`Self::create_missing_audit`].
    pub fn create_missing(&self, today: Date, randomness: &Randomness) -> Result<bool, KeyFileError> {
        let made = self.create_missing_sealing(today, randomness)?;
        self.create_missing_audit(today, randomness)?;
        Ok(made)
    }

    /// Makes sealing keys and settings key where none of their files is there yet. Tells whether it made them.
    ///
    /// Errs when only some are there, because a new key beside old ones would open nothing that exists; and when a
    /// file cannot be written.
    pub fn create_missing_sealing(&self, today: Date, randomness: &Randomness) -> Result<bool, KeyFileError> {
        let _held = disk::hold_folder_of(&self.private_keys)?;
        let paths = [&self.public_keys, &self.private_keys, &self.settings_key];
        let (present, missing): (Vec<&PathBuf>, Vec<&PathBuf>) =
            paths.into_iter().partition(|path| path.exists());
        match (present.first(), missing.first()) {
            (Some(present), Some(missing)) => {
                Err(KeyFileError::Partial { present: (*present).clone(), missing: (*missing).clone() })
            }
            (Some(_), None) => Ok(false),
            (None, _) => self.create(today, randomness).map(|()| true),
        }
    }

    fn create(&self, today: Date, randomness: &Randomness) -> Result<(), KeyFileError> {
        let private = PrivateKey::generate(today, randomness);
        let public = PublicKeyring::new(private.public().clone(), Vec::new());
        let settings = SettingsKey::generate(randomness.clone());
        let keyring = PrivateKeyring::new(vec![private]);
        disk::write(&self.private_keys, &text::write_private(&keyring), Access::Owner)?;
        disk::write(&self.settings_key, &text::write_settings(&settings, today), Access::Owner)?;
        // The public file comes last: nothing is ever sealed to a key whose private half is not on disk.
        disk::write(&self.public_keys, &text::write_public(&public), Access::Everybody)
    }

    /// Makes the audit key where neither of its files is there yet. Tells whether it made it.
    ///
    /// Errs when only one is there, because checkpoints of a lost key could not be verified any more; and when a file
    /// cannot be written.
    pub fn create_missing_audit(&self, today: Date, randomness: &Randomness) -> Result<bool, KeyFileError> {
        let _held = disk::hold_folder_of(&self.audit_key)?;
        let partial = |present: &PathBuf, missing: &PathBuf| {
            Err(KeyFileError::Partial { present: present.clone(), missing: missing.clone() })
        };
        match (self.audit_key.exists(), self.audit_public_keys.exists()) {
            (true, true) => return Ok(false),
            (true, false) => return partial(&self.audit_key, &self.audit_public_keys),
            (false, true) => return partial(&self.audit_public_keys, &self.audit_key),
            (false, false) => {}
        }
        let key = AuditKey::generate(today, randomness);
        self.write_audit(&key, &AuditPublicKeys::new(key.public().clone(), Vec::new()))?;
        Ok(true)
    }

    /// Puts a new audit key in the place of the present one, whose public half is kept: its signatures still verify.
    /// The private half of the old one goes. Gives the new one.
    ///
    /// Errs when a file is missing, damaged or cannot be written.
    pub fn renew_audit(&self, today: Date, randomness: &Randomness) -> Result<AuditPublicKey, KeyFileError> {
        let _held = disk::hold_folder_of(&self.audit_key)?;
        let present = self.read_audit_public()?;
        self.read_audit(&present)?;
        let key = AuditKey::generate(today, randomness);
        let new = key.public().clone();
        self.write_audit(&key, &present.with_current(new.clone()))?;
        Ok(new)
    }

    fn write_audit(&self, key: &AuditKey, public: &AuditPublicKeys) -> Result<(), KeyFileError> {
        // The public file comes first: nothing is ever signed by a key that nobody could verify.
        disk::write(&self.audit_public_keys, &text::write_audit_public(public), Access::Everybody)?;
        disk::write(&self.audit_key, &text::write_audit(key), Access::Owner)
    }

    /// Reads the public audit keys; errs when the file is missing or damaged.
    pub fn read_audit_public(&self) -> Result<AuditPublicKeys, KeyFileError> {
        audit_public_keys(&self.audit_public_keys)
    }

    /// Reads the private audit key and holds it against the public ones.
    fn read_audit(&self, public: &AuditPublicKeys) -> Result<AuditKey, KeyFileError> {
        let path = &self.audit_key;
        let key = text::read_audit(&disk::read(path, Access::Owner)?)
            .map_err(|wrong| KeyFileError::format(path, wrong.line, wrong.why))?;
        // A crash between the two files of a renewal leaves the old key beside a list that begins with the new one:
        // what the old one signs verifies all the same.
        if public.all().any(|one| one == key.public()) {
            return Ok(key);
        }
        Err(KeyFileError::Unpaired {
            public: path.clone(),
            private: self.audit_public_keys.clone(),
            key: key.public().id(),
        })
    }

    /// Reads the files into the keys that a process holds.
    ///
    /// Errs when a file is missing, is readable by others, is damaged, or when public and private keys do not
    /// belong together.
    pub fn open(&self, holds: Holds, randomness: &Randomness) -> Result<Vault, KeyFileError> {
        let public = self.read_public()?;
        let (opening, audit) = match holds {
            Holds::SealingKeys => (None, None),
            Holds::OpeningKeys => {
                let audit = if self.audit_key.exists() {
                    Some(self.read_audit(&self.read_audit_public()?)?)
                } else {
                    None
                };
                (Some(OpeningKeys::new(self.read_pairs(&public)?)), audit)
            }
        };
        let settings = disk::read(&self.settings_key, Access::Owner)?;
        let settings = text::read_settings(&settings, randomness.clone())
            .map_err(|wrong| KeyFileError::format(&self.settings_key, wrong.line, wrong.why))?;
        let audit_head = audit.as_ref().map(|_| AuditHead::at(self.audit_head.clone()));
        let sealing = SealingKeys::new(public, randomness.clone());
        Ok(Vault { sealing, opening, settings, audit, audit_head })
    }

    /// Reads the public keyring; errs when it is missing or damaged.
    pub fn read_public(&self) -> Result<PublicKeyring, KeyFileError> {
        let public = disk::read(&self.public_keys, Access::Everybody)?;
        text::read_public(&public)
            .map_err(|wrong| KeyFileError::format(&self.public_keys, wrong.line, wrong.why))
    }

    /// The day the settings key was made; errs when its file is missing or damaged.
    pub fn settings_made_on(&self) -> Result<Date, KeyFileError> {
        text::settings_made_on(&disk::read(&self.settings_key, Access::Owner)?)
            .map_err(|wrong| KeyFileError::format(&self.settings_key, wrong.line, wrong.why))
    }

    /// Adds a new current key to both keyrings and gives it back; what was sealed before still opens.
    ///
    /// Errs as [`Self::open`], and when a file cannot be written; then the keyrings are as they were, or the
    /// private one has a key too many, which harms nothing.
    pub fn add_current(&self, today: Date, randomness: &Randomness) -> Result<PublicKey, KeyFileError> {
        let _held = disk::hold_folder_of(&self.private_keys)?;
        let public = self.read_public()?;
        let private = self.read_pairs(&public)?;
        let new = PrivateKey::generate(today, randomness);
        let current = new.public().clone();
        // The private file comes first: nothing is ever sealed to a key whose private half is not on disk.
        disk::write(&self.private_keys, &text::write_private(&private.with(new)), Access::Owner)?;
        disk::write(
            &self.public_keys,
            &text::write_public(&public.with_current(current.clone())),
            Access::Everybody,
        )?;
        Ok(current)
    }

    /// Reads the private keyring and holds it against the public one.
    fn read_pairs(&self, public: &PublicKeyring) -> Result<PrivateKeyring, KeyFileError> {
        let path = &self.private_keys;
        let private = text::read_private(&disk::read(path, Access::Owner)?)
            .map_err(|wrong| KeyFileError::format(path, wrong.line, wrong.why))?;
        match public.all().find(|key| private.find(key.id()).is_none()) {
            None => Ok(private),
            Some(key) => Err(KeyFileError::Unpaired {
                public: self.public_keys.clone(),
                private: path.clone(),
                key: key.id(),
            }),
        }
    }
}

/// Reads public audit keys from a file of their own; errs when it is missing or damaged.
pub fn audit_public_keys(path: &Path) -> Result<AuditPublicKeys, KeyFileError> {
    text::read_audit_public(&disk::read(path, Access::Everybody)?)
        .map_err(|wrong| KeyFileError::format(path, wrong.line, wrong.why))
}
