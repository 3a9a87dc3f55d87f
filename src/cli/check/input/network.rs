//! The `[network]` table of an input file, for tests and the demo.

use std::{collections::BTreeMap, net::SocketAddr, path::Path};

use serde::Deserialize;
use toml::Spanned;

use super::source::{InputProblem, Source};
use crate::verification::{ExtraRoot, NetSettings};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Network {
    resolver: Option<Spanned<String>>,
    dial: BTreeMap<Spanned<String>, Spanned<String>>,
    only_mapped: bool,
    extra_roots: Vec<String>,
}

impl Network {
    /// The settings it stands for; errs with the line of an address that is none.
    pub(super) fn settings(&self, source: &Source<'_>) -> Result<NetSettings, InputProblem> {
        let address = |text: &Spanned<String>, key: &str| -> Result<SocketAddr, InputProblem> {
            let reason = format!("[network] {key}: write an address and a port, as 127.0.0.1:5353");
            text.get_ref().parse().map_err(|_| source.problem(&text.span(), reason))
        };
        let resolver = self.resolver.as_ref().map(|text| address(text, "resolver")).transpose()?;
        let dial = self.dial.iter().map(|(from, to)| Ok((address(from, "dial")?, address(to, "dial")?)));
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
            only_mapped: self.only_mapped,
            extra_roots: self.extra_roots.iter().map(root).collect(),
            ..NetSettings::default()
        })
    }
}
