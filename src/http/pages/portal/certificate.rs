//! The certificate of an attempt: what pages say of it, and the file that the office uploads to its app.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use tower_sessions::Session;

use super::status_view::Moment;
use crate::{
    actions::draft::Bench,
    app::App,
    domain::{app::AppCertificate, dates, ids::ConnectionId, refused::Refused, scope::Scope},
    http::{error::PageError, session, urls},
};

/// A certificate on a page.
pub struct Made {
    pub(super) thumbprint: String,
    pub(super) ends: Moment,
    /// What its file is called.
    pub(super) file: String,
    /// Where the file is.
    pub(super) url: String,
}

impl Made {
    /// That of an attempt; `None` when it has none.
    pub(super) fn of(bench: &Bench, number: i64) -> Option<Self> {
        let certificate = certificate(bench, number)?;
        Some(Self {
            thumbprint: certificate.thumbprint.clone(),
            ends: Moment {
                machine: certificate.ends_on.to_string(),
                words: dates::words(certificate.ends_on),
            },
            file: file_name(bench, number),
            url: urls::certificate(&bench.connection.id, number),
        })
    }

    #[cfg(test)]
    pub(super) fn sample() -> Self {
        Self {
            thumbprint: "0123456789ABCDEF0123456789ABCDEF01234567".to_owned(),
            ends: Moment { machine: "2028-11-21".to_owned(), words: "21 November 2028".to_owned() },
            file: "MoxiEngage-LKS-0042-1.cer".to_owned(),
            url: "/connections/con_1/certificates/1".to_owned(),
        }
    }
}

/// The file as text, for whoever cannot fetch it here: saved as a file it is the same to Entra.
pub(super) fn as_text(bench: &Bench, number: i64) -> Option<String> {
    let der: Vec<char> = certificate(bench, number)?.der.chars().filter(char::is_ascii_graphic).collect();
    let lines: String = der.chunks(64).flat_map(|line| line.iter().chain(&['\n'])).collect();
    Some(format!("-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n"))
}

/// Sends the file. An attempt of somebody else's is not found, and neither is one without a certificate.
pub async fn download(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    Path((id, number)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let number: i64 = number.parse().map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let bench = Bench::read(&app, &mut read, &scope, &digest, &id).await?;
    drop(read);
    let found = certificate(&bench, number).ok_or(PageError::NotFound)?;
    let der = STANDARD.decode(&found.der).map_err(|_| PageError::NotFound)?;
    let named = format!("attachment; filename=\"{}\"", file_name(&bench, number));
    let named = HeaderValue::from_str(&named).map_err(|_| PageError::NotFound)?;
    // A certificate by itself, as the standard for such files names it.
    let kind = HeaderValue::from_static("application/pkix-cert");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], der).into_response())
}

/// The draft's for the attempt that is being prepared, else what was submitted with that attempt.
fn certificate(bench: &Bench, number: i64) -> Option<&AppCertificate> {
    let submitted = bench.attempts.iter().find(|(attempt, _)| attempt.number == number);
    match submitted {
        Some((_, settings)) => settings.app()?.certificate(),
        None => bench.certificate.as_ref().filter(|_| bench.number == number),
    }
}

fn file_name(bench: &Bench, number: i64) -> String {
    format!("MoxiEngage-{}.cer", bench.connection.reference.of_attempt(number))
}
