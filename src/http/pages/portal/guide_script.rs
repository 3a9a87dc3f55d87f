//! The commands of a guide as a PowerShell file.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use tower_sessions::Session;

use super::guide_names::{Opened, opened};
use crate::{
    actions::draft::Bench,
    app::App,
    domain::{
        guide::{Guide, GuideNames, Script, script},
        scope::Scope,
    },
    http::{error::PageError, session, urls},
};

/// The file as a page offers it.
pub struct Download {
    pub(super) url: String,
    pub(super) file: String,
    /// Of its bytes, so that whoever gets it on another way can compare.
    pub(super) sha256: String,
    /// How many of its parts can be run.
    pub(super) ready: usize,
    /// How many of its parts wait for names.
    pub(super) waiting: usize,
}

impl Download {
    /// The file of an attempt; `None` where the guide has no command.
    pub(super) fn of(guide: &Guide, names: &GuideNames, bench: &Bench, number: i64) -> Option<Self> {
        let Script { text, ready, waiting } = made(guide, names, bench, number)?;
        let sha256 = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect();
        let url = urls::guide_script(bench.connection.id.as_str());
        Some(Self { url, file: file_name(bench, number), sha256, ready, waiting })
    }

    #[cfg(test)]
    pub(super) fn sample() -> Self {
        Self {
            url: "/connections/con_1/guide/script".to_owned(),
            file: "MoxiEngage-LKS-0042-1.ps1".to_owned(),
            sha256: "0123456789ABCDEF".repeat(4),
            ready: 1,
            waiting: 1,
        }
    }
}

/// Sends the file. A guide without commands has none.
pub async fn download(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let digest = session::digest(&session).await?;
    let Opened { bench, guide, number, names } = opened(&app, &scope, &digest, &id).await?;
    let made = made(guide, &names, &bench, number).ok_or(PageError::NotFound)?;
    let named = format!("attachment; filename=\"{}\"", file_name(&bench, number));
    let named = HeaderValue::from_str(&named).map_err(|_| PageError::NotFound)?;
    // Text for no program in particular: what a browser saves is opened by whom the admin chooses.
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], made.text).into_response())
}

fn made(guide: &Guide, names: &GuideNames, bench: &Bench, number: i64) -> Option<Script> {
    script(guide, names, &bench.connection.reference.of_attempt(number))
}

fn file_name(bench: &Bench, number: i64) -> String {
    format!("MoxiEngage-{}.ps1", bench.connection.reference.of_attempt(number))
}
