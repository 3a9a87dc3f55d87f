//! A template becomes an answer.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::error::PageError;

/// A page that is shown: 200.
pub fn page(template: &impl Template) -> Response {
    page_with(StatusCode::OK, template)
}

/// The same page with a refused form on it: 422.
pub fn refused_form(template: &impl Template) -> Response {
    page_with(StatusCode::UNPROCESSABLE_ENTITY, template)
}

/// A page with a status of its own.
pub fn page_with(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => {
            let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
            (status, kind, html).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            PageError::Fault(None).into_response()
        }
    }
}

/// Leads on to a page after a form was taken: 303, so that Back and Reload repeat nothing.
pub fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => PageError::Fault(None).into_response(),
    }
}

/// A template that can show itself with every kind of content; a test renders all of them.
#[cfg(test)]
pub trait Sample: Template + Sized {
    /// One of each kind of content: empty, full, refused, hostile.
    fn samples() -> Vec<Self>;

    /// Renders every sample and looks at what every page owes.
    fn assert_renders() {
        let samples = Self::samples();
        assert!(!samples.is_empty(), "no samples");
        for (at, sample) in samples.iter().enumerate() {
            let html = sample.render().expect("renders");
            keep::<Self>(at, &html);
            assert_eq!(html.matches("<h1").count(), 1, "one heading of the first order:\n{html}");
            assert!(html.contains(" – Mailbox connection</title>"), "a title:\n{html}");
            assert!(!html.contains("<title> –"), "a title of its own:\n{html}");
            assert!(!html.contains(" style="), "no inline style, the policy forbids it:\n{html}");
            assert!(!html.contains("<script>") && !html.contains(" onclick="), "no inline script:\n{html}");
            let forms = html.matches("method=\"post\"").count();
            assert_eq!(html.matches("name=\"csrf\"").count(), forms, "a token in every form:\n{html}");
        }
    }
}

/// Keeps a sample as a file where the environment names a folder: what holds finished pages against something reads it
/// there.
#[cfg(test)]
fn keep<T>(at: usize, html: &str) {
    let Some(folder) = std::env::var_os("MOXI_SAMPLES") else { return };
    let name: Vec<&str> = std::any::type_name::<T>().split("::").filter(|part| !part.contains('<')).collect();
    let name = name[name.len().saturating_sub(3)..].join("-");
    let file = std::path::Path::new(&folder).join(format!("{name}-{at:02}.html"));
    std::fs::write(file, html).expect("a sample is kept");
}
