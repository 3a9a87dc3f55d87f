//! The whole guide on paper, for whoever runs the mail system and cannot sign in here: every step open, the names of the
//! attempt in a list, where we connect from, and no secret.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use tower_sessions::Session;

use super::{
    certificate::{self, Made},
    guide_names::{Opened, opened},
    guide_view::{ShownBlock, ShownStep, film_at, intro, steps},
};
use crate::{
    app::App,
    domain::{
        dates,
        guide::{BLANKS, Guide, GuideNames, Shown, Text, title_of},
        ids::ConnectionId,
        kind::AccessKind,
        scope::Scope,
    },
    http::{
        error::PageError,
        layout::{Layout, OVERVIEW},
        render::page,
        session,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "portal/guide_pack.html")]
pub struct PackPage {
    layout: Layout,
    id: ConnectionId,
    company: String,
    reference: String,
    number: i64,
    title: String,
    version: u32,
    /// For machines and for people.
    date: (String, String),
    minutes: u32,
    needs: Vec<Vec<Shown>>,
    intro: Vec<ShownBlock>,
    steps: Vec<ShownStep>,
    /// The names that the steps speak of: what each is, and the name.
    names: Vec<(&'static str, String)>,
    film: Option<String>,
    /// The certificate to be uploaded, and the same as text.
    certificate: Option<(Made, String)>,
    /// What the office needs to know in the end: what it is, and what is known of it; empty where somebody writes.
    back: Vec<(&'static str, String)>,
}

/// Shows it.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let digest = session::digest(&session).await?;
    let Opened { bench, guide, number, names } = opened(&app, &scope, &digest, &id).await?;
    let film = app.settings.about.video_links.get(&bench.connection.kind);
    Ok(page(&PackPage {
        company: bench.brokerage.company.as_str().to_owned(),
        reference: bench.connection.reference.of_attempt(number),
        number,
        certificate: Made::of(&bench, number).zip(certificate::as_text(&bench, number)),
        back: hand_back(bench.connection.kind, &names),
        film: film.map(|film| film_at(film, 0)),
        ..PackPage::plain(layout, &bench.connection.id, guide, &names)
    }))
}

impl PackPage {
    fn plain(layout: Layout, id: &ConnectionId, guide: &Guide, names: &GuideNames) -> Self {
        Self {
            layout: layout.at(OVERVIEW),
            id: id.clone(),
            company: String::new(),
            reference: String::new(),
            number: 1,
            title: guide.title.clone(),
            version: guide.version,
            date: (guide.date.to_string(), dates::words(guide.date)),
            minutes: guide.minutes,
            needs: guide.needs.iter().map(|need| need.fill(names)).collect(),
            intro: intro(guide, names),
            steps: steps(guide, names, None),
            names: listed(guide, names),
            film: None,
            certificate: None,
            back: Vec::new(),
        }
    }
}

/// The names that a guide speaks of and that are known or proposed.
fn listed(guide: &Guide, names: &GuideNames) -> Vec<(&'static str, String)> {
    let used: Vec<&str> = guide.texts().into_iter().flat_map(Text::blanks).collect();
    let one = |blank: &&'static str| Some((title_of(blank)?, names.name(blank)?.to_owned()));
    BLANKS.iter().filter(|blank| used.contains(blank)).filter_map(one).collect()
}

const BY: (&str, &str) = ("Done by, on", "");
const MAILBOX: (&str, &str) = ("Test mailbox", "agent");
const TENANT: (&str, &str) = ("Directory (tenant) ID", "tenant");
const CLIENT: (&str, &str) = ("Application (client) ID", "client");
const APP: (&str, &str) = ("Name of the app", "app_name");
const ACCOUNT: (&str, &str) = ("Login of the service account", "service_account");
const GROUP: (&str, &str) = ("Role group", "role_group");

/// What each kind's form asks for, and under which blank of the guides it may be known. What is secret is no field: a
/// line says who enters it.
const fn fields_back(kind: AccessKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        AccessKind::ExchangeBasic => &[
            ACCOUNT,
            GROUP,
            ("EWS URL, if we shall not look for it", ""),
            ("SHA-256 of the server's certificate, if it comes from your own authority", ""),
            MAILBOX,
            ("The password was entered on the portal by", ""),
            BY,
        ],
        AccessKind::Microsoft365Password => {
            &[ACCOUNT, GROUP, MAILBOX, ("The password was entered on the portal by", ""), BY]
        }
        AccessKind::GraphCertificate => &[
            TENANT,
            CLIENT,
            APP,
            ("Uploaded: the certificate with this thumbprint", "thumbprint"),
            MAILBOX,
            BY,
        ],
        AccessKind::GraphSecret | AccessKind::EwsSecret => &[
            TENANT,
            CLIENT,
            APP,
            ("Description of the client secret", "secret_name"),
            ("The last day of the client secret", ""),
            MAILBOX,
            ("The secret's Value was entered on the portal by", ""),
            BY,
        ],
        AccessKind::GoogleDelegated => &[("Allowed: the client ID", "client"), MAILBOX, BY],
        AccessKind::GoogleKey => &[
            ("Address of the service account", "service_account"),
            ("Its client ID, allowed in the Admin console", "client"),
            ("Project", "project"),
            MAILBOX,
            ("The key file was sent on the portal by", ""),
            BY,
        ],
    }
}

fn hand_back(kind: AccessKind, names: &GuideNames) -> Vec<(&'static str, String)> {
    let known = |blank: &str| names.name(blank).unwrap_or_default().to_owned();
    fields_back(kind).iter().map(|(what, blank)| (*what, known(blank))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::guides::Guides, http::render::Sample};

    const HOSTILE: &str = "'; </code></text><script>alert(1)</script> {client} \"&";

    impl Sample for PackPage {
        fn samples() -> Vec<Self> {
            let guides = Guides::built_in();
            let id = ConnectionId::from_random([1; 16]);
            let named = BLANKS.iter().fold(GuideNames::default(), |names, blank| names.with(blank, HOSTILE));
            let open =
                BLANKS.iter().fold(GuideNames::default(), |names, blank| names.or_example(blank, "words"));
            let one = |kind: &AccessKind| {
                let guide = guides.of(*kind).expect("a guide of each kind");
                [&named, &open].map(|names| Self {
                    company: HOSTILE.to_owned(),
                    film: Some("https://film.example/1".to_owned()),
                    certificate: kind.makes_secret().then(|| (Made::sample(), "-----BEGIN".to_owned())),
                    back: hand_back(*kind, names),
                    ..Self::plain(Layout::sample(), &id, guide, names)
                })
            };
            AccessKind::ALL.iter().flat_map(one).collect()
        }
    }

    #[test]
    fn every_sample_renders_whole_and_asks_nothing() {
        PackPage::assert_renders();
        for sample in PackPage::samples() {
            let steps = sample.steps.len();
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>alert"), "{html}");
            let main =
                html.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>")).expect("main").0;
            assert_eq!(main.matches("<h2>Step ").count(), steps, "{main}");
            assert!(
                !main.contains("<form") && !main.contains("<details"),
                "paper folds and sends nothing: {main}"
            );
        }
    }
}
