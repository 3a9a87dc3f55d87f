//! Pages that stand by themselves: help, tips, how credentials are protected, accessibility; and our addresses for
//! programs.

use askama::Template;
use axum::{
    Json,
    response::{IntoResponse as _, Response},
};

use crate::http::{layout::Layout, render::page};

/// How to reach us, and the answers most people look for.
#[derive(Template)]
#[template(path = "pages/help.html")]
struct HelpPage {
    layout: Layout,
}

/// What offices ask on the way, answered.
#[derive(Template)]
#[template(path = "pages/tips.html")]
struct TipsPage {
    layout: Layout,
}

/// How credentials are protected, in plain words.
#[derive(Template)]
#[template(path = "pages/security.html")]
struct SecurityPage {
    layout: Layout,
}

/// How to use the site with assistive technology, and whom to tell when something is in the way.
#[derive(Template)]
#[template(path = "pages/accessibility.html")]
struct AccessibilityPage {
    layout: Layout,
}

/// Shows help.
pub async fn help(layout: Layout) -> Response {
    page(&HelpPage { layout })
}

/// Shows the tips.
pub async fn tips(layout: Layout) -> Response {
    page(&TipsPage { layout })
}

/// The addresses that our connections come from, for firewalls that are set by a program.
pub async fn addresses(layout: Layout) -> Response {
    Json(serde_json::json!({ "addresses": layout.about.egress_addresses })).into_response()
}

/// Shows how credentials are protected.
pub async fn security(layout: Layout) -> Response {
    page(&SecurityPage { layout })
}

/// Shows the statement on accessibility.
pub async fn accessibility(layout: Layout) -> Response {
    page(&AccessibilityPage { layout })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    fn layouts() -> Vec<Layout> {
        vec![Layout::sample(), Layout::bare(std::sync::Arc::default())]
    }

    impl Sample for HelpPage {
        fn samples() -> Vec<Self> {
            layouts().into_iter().map(|layout| Self { layout }).collect()
        }
    }

    impl Sample for TipsPage {
        fn samples() -> Vec<Self> {
            layouts().into_iter().map(|layout| Self { layout }).collect()
        }
    }

    impl Sample for SecurityPage {
        fn samples() -> Vec<Self> {
            layouts().into_iter().map(|layout| Self { layout }).collect()
        }
    }

    impl Sample for AccessibilityPage {
        fn samples() -> Vec<Self> {
            layouts().into_iter().map(|layout| Self { layout }).collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        HelpPage::assert_renders();
        TipsPage::assert_renders();
        SecurityPage::assert_renders();
        AccessibilityPage::assert_renders();
    }
}
