//! The colour switch at the foot of each page.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use serde::Deserialize;

use crate::http::{
    form::{Form, FormFields},
    layout::Theme,
    render::see_other,
    urls,
};

/// The switch's fields.
#[derive(Deserialize)]
pub struct ThemeFields {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    back: String,
}

impl FormFields for ThemeFields {}

/// Keeps the choice for a year in a cookie and leads back to where the reader was.
pub async fn choose(form: Form<ThemeFields>) -> Response {
    let theme = Theme::from_word(&form.fields.theme);
    let mut response = see_other(urls::own_path(&form.fields.back).unwrap_or(urls::HOME));
    let line = format!("theme={}; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax", theme.word());
    if let Ok(line) = HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}
