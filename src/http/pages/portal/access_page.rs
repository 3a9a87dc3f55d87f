//! What the pages about looks at secrets show to a brokerage.

use askama::Template;

use super::access_view::AccessView;
use crate::{
    domain::access::AccessWay,
    http::{layout::Layout, pages::news::News},
};

/// Everything that was ever asked, the latest first.
#[derive(Template)]
#[template(path = "portal/access_list.html")]
pub(super) struct AccessList {
    pub(super) layout: Layout,
    pub(super) company: String,
    pub(super) requests: Vec<AccessView>,
}

/// One request.
#[derive(Template)]
#[template(path = "portal/access.html")]
pub(super) struct AccessPage {
    pub(super) layout: Layout,
    pub(super) company: String,
    /// Why what was pressed was not done.
    pub(super) conflict: Option<&'static str>,
    pub(super) request: AccessView,
    /// Where the page hears that the request stands elsewhere; none once it is over.
    pub(super) news: Option<News>,
    /// The no of the office that this goes past.
    pub(super) said_no: Option<String>,
    pub(super) answer: MayAnswer,
}

/// What the reader may say to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MayAnswer {
    /// Yes or no.
    Both,
    /// No, and yes once they have shown that it is them.
    AfterCode,
    /// Nothing: it waits for colleagues of theirs.
    NotThey,
    /// Nothing: it waits for nobody of theirs.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{layout::ACCESS, render::Sample};

    const HOSTILE: &str = "</p><script>\"'&";

    impl Sample for AccessList {
        fn samples() -> Vec<Self> {
            [AccessView::samples(), Vec::new()]
                .into_iter()
                .map(|requests| Self {
                    layout: Layout::sample().at(ACCESS),
                    company: HOSTILE.to_owned(),
                    requests,
                })
                .collect()
        }
    }

    impl Sample for AccessPage {
        fn samples() -> Vec<Self> {
            let answers =
                [MayAnswer::Both, MayAnswer::AfterCode, MayAnswer::NotThey, MayAnswer::Nothing].into_iter();
            AccessView::samples()
                .into_iter()
                .zip(answers.cycle())
                .map(|(request, answer)| Self {
                    layout: Layout::sample().at(ACCESS),
                    company: HOSTILE.to_owned(),
                    conflict: (answer == MayAnswer::Nothing).then_some("It was answered meanwhile."),
                    said_no: (answer == MayAnswer::Nothing).then(|| HOSTILE.to_owned()),
                    news: (request.waits || request.is_open)
                        .then(|| super::super::access_news::sample(answer == MayAnswer::NotThey)),
                    request,
                    answer,
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        AccessList::assert_renders();
        AccessPage::assert_renders();
    }
}
