//! The public start page: what this is, what is needed, and the field for one's work e-mail.

use askama::Template;
use axum::response::Response;

use crate::{
    domain::scope::Scope,
    http::{
        form_state::FormState,
        layout::Layout,
        render::{page, see_other},
        session::SIGNED_OUT_LINE,
        urls,
    },
};

/// The start page. A refused sign-in request shows it again, with the error beside the field.
#[derive(Template)]
#[template(path = "pages/landing.html")]
pub struct LandingPage {
    /// The frame.
    pub layout: Layout,
    /// What was typed; field `email`.
    pub form: FormState,
    /// Where sign-in leads, when a page asked for it; else empty.
    pub next: String,
}

/// Shows the start page; whoever is signed in goes on to the overview.
pub async fn show(scope: Option<Scope>, layout: Layout) -> Response {
    match scope {
        Some(_) => see_other(urls::OVERVIEW),
        None => page(&LandingPage { layout, form: FormState::new(), next: String::new() }),
    }
}

/// The same for somebody who has just signed out: it says so. Whoever is signed in by now goes on to the overview.
pub async fn signed_out(scope: Option<Scope>, mut layout: Layout) -> Response {
    layout.flash = Some(SIGNED_OUT_LINE.to_owned());
    show(scope, layout).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    impl Sample for LandingPage {
        fn samples() -> Vec<Self> {
            let sentence = "Enter your work e-mail, like name@yourdomain".to_owned();
            let refused = FormState::new()
                .with("email", "<script>alert(1)</script>")
                .refused(vec![FieldError::new("email", sentence)]);
            [(FormState::new(), false), (refused, true)]
                .into_iter()
                .map(|(form, failed)| Self {
                    layout: Layout { signed_in: false, ..Layout::sample() }.failed(failed),
                    form,
                    next: if failed { urls::OVERVIEW.to_owned() } else { String::new() },
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        LandingPage::assert_renders();
        let html = LandingPage::samples()[1].render().expect("renders");
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(html.contains("<title>Error: "), "{html}");
    }
}
