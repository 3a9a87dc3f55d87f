//! The certificate of an attempt: what pages say of it, and the file that the office uploads to its app.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use tower_sessions::Session;

use super::status_view::Moment;
use crate::{
    actions::draft::Bench,
    app::App,
    domain::{app::AppCertificate, dates, ids::ConnectionId, refused::Refused, scope::Scope},
    http::{error::PageError, session, urls},
};

/// A certificate on a page.
#[derive(Default)]
pub struct Made {
    pub(super) thumbprint: String,
    /// Whose it is, in its own words; empty where an earlier version made it.
    pub(super) subject: String,
    /// The days on which it is good, in words.
    pub(super) good: String,
    pub(super) ends: Moment,
    /// What its file is called.
    pub(super) file: String,
    /// Where the file is.
    pub(super) url: String,
    /// The file as text.
    pub(super) text: String,
}

impl Made {
    /// That of an attempt; `None` when it has none.
    pub(super) fn of(bench: &Bench, number: i64) -> Option<Self> {
        let certificate = certificate(bench, number)?;
        Some(Self {
            thumbprint: certificate.thumbprint.clone(),
            subject: certificate.subject.clone(),
            good: format!(
                "{} until {}",
                dates::words(certificate.starts_on),
                dates::words(certificate.ends_on)
            ),
            ends: Moment {
                machine: certificate.ends_on.to_string(),
                words: dates::words(certificate.ends_on),
            },
            text: as_pem(certificate),
            ..Self::to_come(bench, number)
        })
    }

    /// What is known of it while it is being made: what its file will be called, and where it will be.
    pub(super) fn to_come(bench: &Bench, number: i64) -> Self {
        let (file, url) = (file_name(bench, number), urls::certificate(&bench.connection.id, number));
        Self { file, url, ..Self::default() }
    }

    #[cfg(test)]
    pub(super) fn sample() -> Self {
        Self {
            thumbprint: "0123456789ABCDEF0123456789ABCDEF01234567".to_owned(),
            subject: "CN=MoxiEngage for <b>Lakeshore</b>".to_owned(),
            good: "20 November 2026 until 21 November 2028".to_owned(),
            text: "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n".to_owned(),
            ends: Moment { machine: "2028-11-21".to_owned(), words: "21 November 2028".to_owned() },
            file: "MoxiEngage-LKS-0042-1.cer".to_owned(),
            url: "/connections/con_1/certificates/1".to_owned(),
        }
    }
}

/// The file as text, for whoever cannot fetch it here: saved as a file it is the same to Entra.
pub(super) fn as_text(bench: &Bench, number: i64) -> Option<String> {
    certificate(bench, number).map(as_pem)
}

fn as_pem(certificate: &AppCertificate) -> String {
    let der: Vec<char> = certificate.der.chars().filter(char::is_ascii_graphic).collect();
    let lines: String = der.chunks(64).flat_map(|line| line.iter().chain(&['\n'])).collect();
    format!("-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n")
}

/// Sends the file. An attempt of somebody else's is not found, and neither is one without a certificate. A page that
/// waits for it asks for JSON: what it then shows, or no content as long as the certificate is being made.
pub async fn download(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    headers: HeaderMap,
    Path((id, number)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let number: i64 = number.parse().map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let bench = Bench::read(&app, &mut read, &scope, &digest, &id).await?;
    drop(read);
    if headers.get(header::ACCEPT).is_some_and(|kind| kind == "application/json") {
        return Ok(told(Made::of(&bench, number)));
    }
    let found = certificate(&bench, number).ok_or(PageError::NotFound)?;
    let der = STANDARD.decode(&found.der).map_err(|_| PageError::NotFound)?;
    let named = format!("attachment; filename=\"{}\"", file_name(&bench, number));
    let named = HeaderValue::from_str(&named).map_err(|_| PageError::NotFound)?;
    // A certificate by itself, as the standard for such files names it.
    let kind = HeaderValue::from_static("application/pkix-cert");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], der).into_response())
}

fn told(made: Option<Made>) -> Response {
    let Some(Made { thumbprint, subject, good, text, .. }) = made else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let parts = json!({ "thumbprint": thumbprint, "subject": subject, "good": good, "text": text });
    ([(header::CONTENT_TYPE, "application/json")], parts.to_string()).into_response()
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
