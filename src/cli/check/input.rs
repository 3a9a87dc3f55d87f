//! The input file of `check`: a credential and, for tests and the demo, a network.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    ops::Range,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;
use zeroize::Zeroizing;

use crate::{
    domain::{
        address::MailAddress,
        cause::Names,
        credential::{
            ClientSecret, Credential, ExpiryProblem, GraphSecretSettings, SecretProblem, TenantName,
            expiry_fits,
        },
        guid::Guid,
        naming::{self, AppNames},
        text::ObjectName,
    },
    verification::{ExtraRoot, NetSettings},
};

/// What is wrong with the input file.
#[derive(Debug, thiserror::Error)]
pub enum InputProblem {
    /// It cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line of it.
    #[error("{path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong and what is allowed. Never holds a secret.
        reason: String,
    },
}

/// What was read.
pub(super) struct Input {
    pub(super) read: Read,
    pub(super) names: Names,
    pub(super) network: NetSettings,
}

/// A credential, or what is wrong with it before anything is sent.
pub(super) enum Read {
    Credential(Credential),
    Finding(&'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tenant_id: Spanned<String>,
    client_id: Spanned<String>,
    client_secret: Option<Spanned<String>>,
    client_secret_file: Option<Spanned<PathBuf>>,
    secret_expires_on: Spanned<toml::Value>,
    test_mailbox: Spanned<String>,
    app_name: Option<Spanned<String>>,
    secret_name: Option<Spanned<String>>,
    #[serde(default)]
    network: Network,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Network {
    resolver: Option<Spanned<String>>,
    dial: BTreeMap<Spanned<String>, Spanned<String>>,
    only_mapped: bool,
    extra_roots: Vec<String>,
}

/// The text of the file, to tell lines from.
struct Source<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn problem(&self, at: &Range<usize>, reason: impl Into<String>) -> InputProblem {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        InputProblem::Line { path: self.path.to_owned(), line, reason: reason.into() }
    }

    /// A mistake of form. The library quotes the value it stumbled over, which on one line would be the secret.
    fn malformed(&self, error: &toml::de::Error) -> InputProblem {
        let at = error.span().unwrap_or(0..0);
        let line = self.text.get(..at.start).unwrap_or_default().matches('\n').count();
        let on_secret = self.text.lines().nth(line).is_some_and(|line| line.contains("client_secret"));
        let reason =
            if on_secret { "write client_secret = \"...\" with one text in quotes" } else { error.message() };
        self.problem(&at, reason)
    }

    /// A path as the file means it: beside the file, unless it is absolute.
    fn beside(&self, path: &Path) -> PathBuf {
        self.path.parent().map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }
}

/// Reads the file. Errs with the line of a name or value that cannot be.
pub(super) fn read(path: &Path, today: Date) -> Result<Input, InputProblem> {
    let unreadable = |source| InputProblem::Unreadable { path: path.to_owned(), source };
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    let source = Source { path, text: &text };
    let mut file: File = toml::from_str(&text).map_err(|error| source.malformed(&error))?;
    let network = network(&source, &file.network)?;
    let settings = settings(&source, &file)?;
    let names = names(&settings);
    let read = match (finding(&settings, today), secret(&source, &mut file)?) {
        (Some(cause), _) => Read::Finding(cause),
        (None, Err(problem)) => Read::Finding(cause_of(problem)),
        (None, Ok(secret)) => Read::Credential(Credential::GraphSecret { settings, secret }),
    };
    Ok(Input { read, names, network })
}

fn settings(source: &Source<'_>, file: &File) -> Result<GraphSecretSettings, InputProblem> {
    let ids = "an ID has the form 5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11";
    let tenant = TenantName::parse(file.tenant_id.get_ref()).ok_or_else(|| {
        source.problem(&file.tenant_id.span(), format!("tenant_id: {ids}; a domain is taken too"))
    })?;
    let client_id = Guid::parse(file.client_id.get_ref())
        .ok_or_else(|| source.problem(&file.client_id.span(), format!("client_id: {ids}")))?;
    let test_mailbox = MailAddress::parse(file.test_mailbox.get_ref())
        .map_err(|problem| source.problem(&file.test_mailbox.span(), problem.sentence("test_mailbox")))?;
    let day = &file.secret_expires_on;
    let secret_expires_on = civil(day.get_ref())
        .ok_or_else(|| source.problem(&day.span(), "secret_expires_on: write the day as 2028-11-21"))?;
    let names = AppNames {
        app: object_name(source, file.app_name.as_ref(), "app_name", &naming::app_name(1))?,
        secret: object_name(source, file.secret_name.as_ref(), "secret_name", &naming::secret_name(1))?,
    };
    Ok(GraphSecretSettings { tenant, client_id, secret_expires_on, test_mailbox, names })
}

/// A day as TOML writes it, with or without quotes.
fn civil(value: &toml::Value) -> Option<Date> {
    match value {
        toml::Value::String(text) => text.parse().ok(),
        toml::Value::Datetime(day) if day.time.is_none() => day.to_string().parse().ok(),
        _ => None,
    }
}

fn object_name(
    source: &Source<'_>,
    given: Option<&Spanned<String>>,
    key: &str,
    usual: &str,
) -> Result<ObjectName, InputProblem> {
    let (text, at) = given.map_or((usual, 0..0), |given| (given.get_ref().as_str(), given.span()));
    ObjectName::parse(text).map_err(|problem| source.problem(&at, problem.sentence(key)))
}

/// The secret, or what is wrong with it.
fn secret(source: &Source<'_>, file: &mut File) -> Result<Result<ClientSecret, SecretProblem>, InputProblem> {
    let text = file.client_secret.take().map(|text| Zeroizing::new(text.into_inner()));
    match (text, &file.client_secret_file) {
        (Some(text), None) => Ok(ClientSecret::parse(&text)),
        (None, Some(path)) => {
            // The path is not repeated: somebody may have put the secret itself there.
            let text = std::fs::read_to_string(source.beside(path.get_ref()));
            let reason = |error| format!("the file that client_secret_file names cannot be read: {error}");
            let text = text.map_err(|error| source.problem(&path.span(), reason(error)))?;
            let text = Zeroizing::new(text);
            Ok(ClientSecret::parse(&text))
        }
        (Some(_), Some(path)) => {
            Err(source.problem(&path.span(), "give client_secret or client_secret_file, not both"))
        }
        (None, None) => Err(source.problem(&(0..0), "client_secret or client_secret_file is missing")),
    }
}

/// What the answers themselves show.
fn finding(settings: &GraphSecretSettings, today: Date) -> Option<&'static str> {
    if matches!(&settings.tenant, TenantName::Id(id) if *id == settings.client_id) {
        return Some("form_ids_identical");
    }
    match expiry_fits(settings.secret_expires_on, today) {
        Err(ExpiryProblem::Past | ExpiryProblem::TooSoon) => Some("form_expiry_invalid"),
        Err(ExpiryProblem::TooFar) | Ok(()) => None,
    }
}

const fn cause_of(problem: SecretProblem) -> &'static str {
    match problem {
        SecretProblem::IsSecretId => "form_secret_is_id",
        SecretProblem::Foreign => "form_secret_whitespace",
        SecretProblem::Empty | SecretProblem::Masked | SecretProblem::TooShort | SecretProblem::TooLong => {
            "form_secret_masked"
        }
    }
}

fn names(settings: &GraphSecretSettings) -> Names {
    Names {
        tenant: settings.tenant.as_str().to_owned(),
        client: settings.client_id.as_str().to_owned(),
        agent: settings.test_mailbox.as_str().to_owned(),
        app_name: settings.names.app.as_str().to_owned(),
        secret_name: settings.names.secret.as_str().to_owned(),
        group: naming::group_name(1),
        egress: "the addresses that MoxiWorks names to you".to_owned(),
        support: "your contact at MoxiWorks".to_owned(),
    }
}

fn network(source: &Source<'_>, network: &Network) -> Result<NetSettings, InputProblem> {
    let address = |text: &Spanned<String>, key: &str| -> Result<SocketAddr, InputProblem> {
        let reason = format!("[network] {key}: write an address and a port, as 127.0.0.1:5353");
        text.get_ref().parse().map_err(|_| source.problem(&text.span(), reason))
    };
    let resolver = network.resolver.as_ref().map(|text| address(text, "resolver")).transpose()?;
    let dial = network.dial.iter().map(|(from, to)| Ok((address(from, "dial")?, address(to, "dial")?)));
    let root = |text: &String| {
        if text.contains("-----BEGIN") {
            ExtraRoot::Pem(text.clone())
        } else {
            ExtraRoot::File(source.beside(Path::new(text)))
        }
    };
    Ok(NetSettings {
        resolver,
        dial: dial.collect::<Result<_, InputProblem>>()?,
        only_mapped: network.only_mapped,
        extra_roots: network.extra_roots.iter().map(root).collect(),
        ..NetSettings::default()
    })
}
