//! The page of a closed connection: why it is closed, what that means, and how to take it up again.

use askama::Template;

use super::status_view::Moment;
use crate::{
    actions::{close_connection::CLOSE_WORDS_BOX, reopen::may_reopen_until},
    app::App,
    domain::{
        connection::{CloseReason, Connection},
        ids::ConnectionId,
        refused::Refused,
        scope::Scope,
    },
    http::layout::{Layout, OVERVIEW},
};

/// The page.
#[derive(Template)]
#[template(path = "portal/closed.html")]
pub struct ClosedPage {
    layout: Layout,
    id: ConnectionId,
    name: String,
    reference: String,
    at: Option<Moment>,
    reason: Option<CloseReason>,
    words: String,
    /// Whether one of our own people closed it.
    by_us: bool,
    /// Until when it can be taken up again here; none when that time is over.
    until: Option<Moment>,
    /// What the office takes away in its own mail system; empty where nothing was handed in.
    take_back: &'static str,
    /// Whether the office had chosen a mail system: else there is nothing to take up again.
    chosen: bool,
}

/// Reads it.
pub(super) async fn closed_page(
    app: &App,
    scope: &Scope,
    layout: Layout,
    connection: &Connection,
) -> Result<ClosedPage, Refused> {
    let mut read = app.store.read().await?;
    let words = read.close_words(&scope.brokerage, &connection.id).await?;
    let handed_in = !read.attempts_of(&scope.brokerage, &connection.id).await?.is_empty();
    let now = read.now();
    drop(read);
    let words =
        words.map(|words| app.from_box(CLOSE_WORDS_BOX, connection.id.as_str(), &words)).transpose()?;
    Ok(ClosedPage {
        layout: layout.at(OVERVIEW),
        id: connection.id.clone(),
        name: connection.name.as_str().to_owned(),
        reference: connection.reference.as_str().to_owned(),
        at: connection.closing.map(|closing| Moment::of(closing.at)),
        reason: connection.closing.map(|closing| closing.reason),
        words: words.unwrap_or_default(),
        by_us: connection.closing.is_some_and(|closing| closing.by_us),
        until: may_reopen_until(connection).filter(|until| now < *until).map(Moment::of),
        take_back: if handed_in { connection.kind.take_back() } else { "" },
        chosen: connection.kind_chosen,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{instant::Instant, kind::AccessKind},
        http::render::Sample,
    };

    impl Sample for ClosedPage {
        fn samples() -> Vec<Self> {
            let moment = || Moment::of(Instant::from_micros(1_795_257_720_000_000));
            let page = |reason: Option<CloseReason>, open: bool| Self {
                layout: Layout::sample().at(OVERVIEW),
                id: ConnectionId::from_random([1; 16]),
                name: "<script>\"&'".to_owned(),
                reference: "LKS-0042".to_owned(),
                at: reason.map(|_| moment()),
                reason,
                by_us: reason == Some(CloseReason::NoRights),
                words: if open { "<script>\"&'".to_owned() } else { String::new() },
                until: open.then(moment),
                take_back: if open { AccessKind::GoogleKey.take_back() } else { "" },
                chosen: reason.is_some(),
            };
            let mut pages: Vec<Self> =
                CloseReason::ALL.iter().map(|reason| page(Some(*reason), true)).collect();
            pages.push(page(Some(CloseReason::Other), false));
            pages.push(page(None, false));
            pages
        }
    }

    #[test]
    fn every_sample_renders() {
        ClosedPage::assert_renders();
        for page in ClosedPage::samples() {
            let html = page.render().expect("renders");
            assert!(!html.contains("<script>\""), "{html}");
            assert_eq!(html.contains("<h1>This connection is closed</h1>"), page.chosen, "{html}");
            assert_eq!(html.contains("Connect a mail system</a>"), !page.chosen, "{html}");
        }
    }
}
