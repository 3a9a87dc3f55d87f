//! Key files: made, read, changed.
//!
//! Private files belong to one user: a file that group or others may read is refused. Files are replaced as a whole
//! (written beside, then renamed), so that a crash leaves the old one or the new one.

use std::path::PathBuf;

use jiff::civil::Date;

use super::{
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
    /// Makes the files where none of them is there yet: the embedded default on its first start. Tells whether it
    /// made them.
    ///
    /// Errs when only some are there, because a new key beside old ones would open nothing that exists; and when a
    /// file cannot be written.
    pub fn create_missing(&self, today: Date, randomness: &Randomness) -> Result<bool, KeyFileError> {
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

    /// Reads the files into the keys that a process holds.
    ///
    /// Errs when a file is missing, is readable by others, is damaged, or when public and private keys do not
    /// belong together.
    pub fn open(&self, holds: Holds, randomness: &Randomness) -> Result<Vault, KeyFileError> {
        let public = self.read_public()?;
        let opening = match holds {
            Holds::SealingKeys => None,
            Holds::OpeningKeys => Some(OpeningKeys::new(self.read_pairs(&public)?)),
        };
        let settings = disk::read(&self.settings_key, Access::Owner)?;
        let settings = text::read_settings(&settings, randomness.clone())
            .map_err(|wrong| KeyFileError::format(&self.settings_key, wrong.line, wrong.why))?;
        Ok(Vault { sealing: SealingKeys::new(public, randomness.clone()), opening, settings })
    }

    /// Reads the public keyring; errs when it is missing or damaged.
    pub fn read_public(&self) -> Result<PublicKeyring, KeyFileError> {
        let public = disk::read(&self.public_keys, Access::Everybody)?;
        text::read_public(&public)
            .map_err(|wrong| KeyFileError::format(&self.public_keys, wrong.line, wrong.why))
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
