//! `[product]`, `[database]`, `[vault]`, `[worker]`, `[google]`, `[guides]`, `[log]`: what every process of the product shares.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};

use super::section::Section;

/// `[product]`.
#[derive(Debug, Clone)]
pub struct Product {
    /// Which installation this is, such as `production` or `staging`; sealed secrets are bound to it. No default.
    pub environment: String,
}

impl Product {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let known = section.has("environment");
        let environment = section.parsed("environment", "1 to 32 small letters, digits or dashes", |text| {
            let fits = text.len() <= 32
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            fits.then(|| text.to_owned())
        });
        if !known {
            section.complain(
                None,
                "environment",
                "is missing: name this installation, such as \"production\"; sealed secrets are bound to the name",
            );
        }
        section.close();
        Some(Self { environment: environment? })
    }
}

/// `[database]`.
#[derive(Debug, Clone)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://...`; it may hold a password and is kept like one.
    /// Default: `sqlite:data/moxi-onboard.db`.
    pub url: SecretString,
}

impl Database {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let url = section.secret("url", "url_file");
        section.close();
        Self { url: url.unwrap_or_else(|| SecretString::from("sqlite:data/moxi-onboard.db")) }
    }

    /// The file, where the database is one.
    pub fn file(&self) -> Option<PathBuf> {
        let file = self.url.expose_secret().strip_prefix("sqlite:")?;
        Some(PathBuf::from(file.split('?').next().unwrap_or(file)))
    }

    /// Whether the database is a file of this process's own, which no other process shares.
    pub fn is_embedded(&self) -> bool {
        self.url.expose_secret().starts_with("sqlite:")
    }
}

/// `[vault]`.
#[derive(Debug, Clone)]
pub struct Vault {
    /// The public sealing keys; every role reads them. Default: `data/keys/public.keys`.
    pub public_keys_file: PathBuf,
    /// The private sealing keys; only the worker may have this file. Default: `data/keys/private.keys`.
    pub private_keys_file: PathBuf,
    /// The key under which settings are encrypted; every role reads it. Default: `data/keys/settings.key`.
    pub settings_key_file: PathBuf,
    /// The private audit key; only a worker that seals the audit has this file. Default: `data/keys/audit.key`.
    pub audit_key_file: PathBuf,
    /// The public audit keys, for whoever verifies the audit. Default: `data/keys/audit.public`.
    pub audit_public_keys_file: PathBuf,
    /// Where a worker that seals the audit remembers the head it signed last; it writes there. Default: beside the
    /// private audit key, with the ending `.head`.
    pub audit_head_file: PathBuf,
}

impl Vault {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let mut file = |key, default: &str| section.path(key).unwrap_or_else(|| PathBuf::from(default));
        let audit_key_file = file("audit_key_file", "data/keys/audit.key");
        let vault = Self {
            public_keys_file: file("public_keys_file", "data/keys/public.keys"),
            private_keys_file: file("private_keys_file", "data/keys/private.keys"),
            settings_key_file: file("settings_key_file", "data/keys/settings.key"),
            audit_public_keys_file: file("audit_public_keys_file", "data/keys/audit.public"),
            audit_head_file: section
                .path("audit_head_file")
                .unwrap_or_else(|| audit_key_file.with_extension("head")),
            audit_key_file,
        };
        section.close();
        vault
    }
}

/// `[worker]`.
#[derive(Debug, Clone)]
pub struct Worker {
    /// Where health and metrics are answered. Default: nowhere.
    pub listen: Option<SocketAddr>,
    /// Jobs carried out at the same time. Default: 8.
    pub jobs_at_once: u32,
    /// How often the queue is read when nothing woke the worker. Default: 5 s.
    pub poll: Duration,
    /// How long a job stays leased without a sign of life. Default: 30 s.
    pub lease: Duration,
}

impl Worker {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let worker = Self {
            listen: section
                .parsed("listen", "an address and a port, such as 127.0.0.1:8082", |text| text.parse().ok()),
            jobs_at_once: section.whole("jobs_at_once", 1..=256).unwrap_or(8),
            poll: section
                .duration("poll", Duration::from_millis(10)..=Duration::from_secs(60))
                .unwrap_or(Duration::from_secs(5)),
            lease: section
                .duration("lease", Duration::from_secs(1)..=Duration::from_secs(600))
                .unwrap_or(Duration::from_secs(30)),
        };
        section.close();
        worker
    }
}

/// `[google]`.
#[derive(Debug, Clone)]
pub struct Google {
    /// The key file of our own service account, as Google made it; only a worker reads it. Default: none, and offices
    /// that delegate to it cannot be checked.
    pub key_file: Option<PathBuf>,
}

impl Google {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let key_file = section.path("key_file");
        section.close();
        Self { key_file }
    }
}

/// `[guides]`.
#[derive(Debug, Clone)]
pub struct Guides {
    /// A folder whose guides replace those inside the binary. Default: none.
    pub dir: Option<PathBuf>,
}

impl Guides {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let dir = section.path("dir");
        section.close();
        Self { dir }
    }
}

/// `[log]`.
#[derive(Debug, Clone)]
pub struct Log {
    /// A level or filter directives, such as `info` or `info,moxi_onboard::jobs=debug`. `MOXI_LOG` is short for it.
    /// Default: `info`.
    pub level: String,
    /// How lines are written. Default: text on a terminal, JSON elsewhere.
    pub format: LogFormat,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// Text for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Log {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let level = section.parsed(
            "level",
            "a level (error, warn, info, debug, trace), alone or as target=level, parted by commas",
            |text| is_filter(text).then(|| text.to_owned()),
        );
        let format = section.parsed("format", "\"auto\", \"text\" or \"json\"", |text| match text {
            "auto" => Some(LogFormat::Auto),
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        });
        section.close();
        Self { level: level.unwrap_or_else(|| "info".to_owned()), format: format.unwrap_or(LogFormat::Auto) }
    }
}

fn is_filter(text: &str) -> bool {
    text.split(',').all(|part| {
        let (target, level) = part.split_once('=').unwrap_or(("all", part));
        let level = level.to_ascii_lowercase();
        matches!(level.as_str(), "off" | "error" | "warn" | "info" | "debug" | "trace")
            && !target.is_empty()
            && target.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
    })
}
