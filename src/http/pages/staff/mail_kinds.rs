//! Each kind of mail with invented names: what customers and our own people get, without looking into anybody's.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    mail::{sealed_html, with_frame},
    mail_words,
};
use crate::{
    actions::mail_example::mail_example,
    app::App,
    domain::{mail::MailKind, staff::StaffScope},
    http::{
        error::PageError,
        layout::{Layout, MAILS},
        render::page,
        urls,
    },
};

/// A kind in the list.
struct Kind {
    url: String,
    name: &'static str,
    subject: String,
}

/// The list.
#[derive(Template)]
#[template(path = "staff/mail_kinds.html")]
struct KindsPage {
    layout: Layout,
    kinds: Vec<Kind>,
}

/// One of them.
#[derive(Template)]
#[template(path = "staff/mail_kind.html")]
struct KindPage {
    layout: Layout,
    name: &'static str,
    subject: String,
    text: String,
    html_url: String,
}

/// Shows the list.
pub async fn list(State(app): State<App>, _: StaffScope, layout: Layout) -> Result<Response, PageError> {
    let kind = |kind: &MailKind| {
        let mail = mail_example(&app, *kind)?;
        Ok(Kind { url: urls::mail_kind(*kind), name: mail_words::kind(*kind), subject: mail.subject.clone() })
    };
    let kinds = MailKind::ALL.iter().map(kind).collect::<Result<_, crate::domain::refused::Refused>>()?;
    Ok(page(&KindsPage { layout: layout.at(MAILS), kinds }))
}

/// Shows one.
pub async fn show(
    State(app): State<App>,
    _: StaffScope,
    layout: Layout,
    Path(word): Path<String>,
) -> Result<Response, PageError> {
    let kind = MailKind::parse(&word).ok_or(PageError::NotFound)?;
    let mail = mail_example(&app, kind)?;
    let shown = KindPage {
        layout: layout.at(MAILS),
        name: mail_words::kind(kind),
        subject: mail.subject.clone(),
        text: mail.text.clone(),
        html_url: urls::mail_kind_html(kind),
    };
    Ok(with_frame(page(&shown)))
}

/// Its HTML part by itself, for the frame.
pub async fn html(
    State(app): State<App>,
    _: StaffScope,
    Path(word): Path<String>,
) -> Result<Response, PageError> {
    let kind = MailKind::parse(&word).ok_or(PageError::NotFound)?;
    Ok(sealed_html(mail_example(&app, kind)?.html.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    const HOSTILE: &str = "</td><script>\"'&{{7*7}}";

    impl Sample for KindsPage {
        fn samples() -> Vec<Self> {
            let kinds = MailKind::ALL
                .iter()
                .map(|kind| Kind {
                    url: urls::mail_kind(*kind),
                    name: mail_words::kind(*kind),
                    subject: HOSTILE.to_owned(),
                })
                .collect();
            vec![Self { layout: Layout::staff_sample().at(MAILS), kinds }]
        }
    }

    impl Sample for KindPage {
        fn samples() -> Vec<Self> {
            vec![Self {
                layout: Layout::staff_sample().at(MAILS),
                name: "Verified",
                subject: HOSTILE.to_owned(),
                text: HOSTILE.to_owned(),
                html_url: urls::mail_kind_html(MailKind::Verified),
            }]
        }
    }

    #[test]
    fn every_sample_renders() {
        KindsPage::assert_renders();
        KindPage::assert_renders();
    }
}
