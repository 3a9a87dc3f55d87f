//! Where Entra's page for certificates would stand: the demo's desk takes the file that the portal gave and puts it with
//! a simulated app.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use crate::simulator::{Simulator, Upload};

/// The longest form taken: a certificate has about a thousand bytes.
const LONGEST: usize = 64 * 1024;

/// The page of one app.
#[derive(Template)]
#[template(path = "demo/upload.html")]
struct UploadPage<'a> {
    company: &'a str,
    client_id: &'a str,
    thumbprints: Vec<String>,
    /// What came of the upload; empty before there was one.
    said: String,
}

/// The page of each app, and what its form sends.
pub(super) fn routes(simulator: Arc<Simulator>) -> Router {
    let page = get(show).post(take).layer(DefaultBodyLimit::max(LONGEST));
    Router::new().route("/apps/{client_id}", page).with_state(simulator)
}

async fn show(State(simulator): State<Arc<Simulator>>, Path(client_id): Path<String>) -> Response {
    page(&simulator, &client_id, StatusCode::OK, String::new())
}

async fn take(
    State(simulator): State<Arc<Simulator>>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // A form on somebody else's page uploads nothing here.
    if !text(header::ORIGIN).is_empty() && text(header::ORIGIN) != format!("http://{}", text(header::HOST)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let file = boundary(text(header::CONTENT_TYPE)).and_then(|boundary| first_part(&body, boundary));
    let (status, said) = match file.map(|file| simulator.upload(&client_id, file)) {
        Some(Upload::Taken(thumbprint)) => (StatusCode::OK, format!("Uploaded: {thumbprint}")),
        Some(Upload::NoSuchApp) => return StatusCode::NOT_FOUND.into_response(),
        Some(Upload::NoCertificate) | None => {
            (StatusCode::UNPROCESSABLE_ENTITY, "This file is no certificate with an RSA key.".to_owned())
        }
    };
    page(&simulator, &client_id, status, said)
}

fn page(simulator: &Simulator, client_id: &str, status: StatusCode, said: String) -> Response {
    let named = |sample: &&crate::simulator::Sample| {
        let second = sample.second.as_ref().is_some_and(|second| second.client_id == client_id);
        sample.certificate.is_some() && (sample.client_id == client_id || second)
    };
    let Some(sample) = simulator.samples().iter().find(named) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let company = &sample.brokerage.company;
    let thumbprints = simulator.thumbprints(client_id);
    match (UploadPage { company, client_id, thumbprints, said }).render() {
        Ok(html) => (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What separates the parts of a form with a file.
fn boundary(content_type: &str) -> Option<&str> {
    let boundary = content_type.strip_prefix("multipart/form-data")?.split("boundary=").nth(1)?;
    Some(boundary.split(';').next()?.trim().trim_matches('"'))
}

/// The content of the first part: the form has one field.
fn first_part<'a>(body: &'a [u8], boundary: &str) -> Option<&'a [u8]> {
    let end = format!("\r\n--{boundary}");
    let after = |bytes: &'a [u8], wanted: &[u8]| {
        bytes.windows(wanted.len()).position(|window| window == wanted).map(|at| bytes.split_at(at))
    };
    let (_, content) = after(body, b"\r\n\r\n")?;
    let (content, _) = after(content.get(4..)?, end.as_bytes())?;
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_out_of_a_form_byte_for_byte() {
        let boundary = boundary("multipart/form-data; boundary=----x1").expect("a boundary");
        let body = b"------x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.cer\"\r\nContent-Type: application/pkix-cert\r\n\r\n\x30\x82\r\n\r\n\x00\r\n------x1--\r\n";
        assert_eq!(first_part(body, boundary), Some(&b"\x30\x82\r\n\r\n\x00"[..]));
        for wrong in [&b""[..], b"------x1", b"------x1\r\n\r\nno end"] {
            assert_eq!(first_part(wrong, boundary), None);
        }
    }

    #[test]
    fn the_page_shows_what_lies_with_the_app_as_text() {
        let page = UploadPage {
            company: "<b>",
            client_id: "5f1b",
            thumbprints: vec!["AB".repeat(20)],
            said: "Uploaded".to_owned(),
        };
        let html = page.render().expect("a page");
        assert!(html.contains("&#60;b&#62;") && html.contains(&"AB".repeat(20)), "{html}");
    }
}
