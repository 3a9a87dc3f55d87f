//! The outbox: every mail with its state, its next try and what the mail server said, narrowed to what is asked for.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};

use super::{
    mail_words,
    outbox_asked::{Asked, Onward},
    words::counted,
};
use crate::{
    actions::{outbox::RECIPIENT_BOX, send_again::subject_of, send_mail::REPLY_BOX},
    app::App,
    domain::{
        address::MailAddress,
        mail::{MailKind, MailState},
        refused::Refused,
        staff::StaffScope,
    },
    http::{
        error::PageError,
        layout::{Layout, MAILS},
        pages::portal::status_view::Moment,
        render::page,
        urls,
    },
    store::all_brokerages::{AllBrokerages, MOST_MAILS_LOOKED, MailPlace, OutboxItem, OutboxPage},
};

/// A state that the page offers.
struct Chip {
    name: &'static str,
    url: String,
    count: Option<String>,
    is_here: bool,
}

/// A mail in the list.
struct Line {
    url: String,
    kind: &'static str,
    /// Its subject; that it is gone, or carries a code, says the kind alone.
    subject: Option<String>,
    reference: String,
    to: String,
    company: Option<(String, String)>,
    at: Moment,
    changed: Moment,
    state: (&'static str, &'static str),
    next_try: Option<Moment>,
    reply: String,
    sends: i64,
    is_again: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/outbox.html")]
struct MailsPage {
    layout: Layout,
    asked: Asked,
    /// The kinds of mails: word and title.
    kinds: Vec<(&'static str, &'static str)>,
    slip: Option<&'static str>,
    /// Brokerages whose names fit, where several do: address and name.
    namesakes: Vec<(String, String)>,
    chips: Vec<Chip>,
    /// The brokerage that it is narrowed to, and where all of them are.
    only: Option<(String, String)>,
    lines: Vec<Line>,
    /// So much was looked through, and the page ended there.
    cut_short: Option<i64>,
    newest: String,
    older: String,
}

/// Shows a page of it, newest first.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    Query(asked): Query<Asked>,
    Query(onward): Query<Onward>,
    layout: Layout,
) -> Result<Response, PageError> {
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let mut all = read.all_brokerages(&scope)?;
    let understood = asked.understand(&app, &mut all).await?;
    let after = MailPlace::parse(&onward.after);
    let found = match understood.slip {
        Some(_) => OutboxPage::default(),
        None => all.outbox(&understood.filter, after.as_ref()).await.map_err(Refused::from)?,
    };
    let chips = chips(&mut all, &asked).await.map_err(Refused::from)?;
    drop(read);
    let lines = found.items.iter().map(|item| line(&app, item)).collect::<Result<_, _>>()?;
    let all_of_them = asked.with("brokerage", "");
    let mut kinds: Vec<_> =
        MailKind::ALL.iter().map(|kind| (kind.as_str(), mail_words::kind(*kind))).collect();
    kinds.sort_by_key(|(_, title)| *title);
    let shown = MailsPage {
        layout: layout.at(MAILS),
        kinds,
        slip: understood.slip,
        namesakes: understood.namesakes,
        chips,
        only: understood.company.map(|company| (company, all_of_them)),
        lines,
        cut_short: found.cut_short.then_some(MOST_MAILS_LOOKED),
        newest: if after.is_some() { asked.with("", "") } else { String::new() },
        older: found.next.map(|next| asked.behind(&next.to_string())).unwrap_or_default(),
        asked: asked.cut(),
    };
    Ok(page(&shown))
}

/// Of those that somebody may have to do something about, the chips say how many there are.
async fn chips(all: &mut AllBrokerages<'_>, asked: &Asked) -> crate::store::Result<Vec<Chip>> {
    let everything =
        Chip { name: "All", url: asked.with("state", ""), count: None, is_here: asked.state.is_empty() };
    let mut chips = vec![everything];
    for (state, name) in mail_words::STATES {
        let watched = matches!(state, MailState::Pending | MailState::Uncertain | MailState::Rejected);
        let count = match watched && asked.is_of_all() {
            true => Some(counted(all.outbox_count(*state).await?)),
            false => None,
        };
        let url = asked.with("state", state.as_str());
        chips.push(Chip { name, url, count, is_here: asked.state == state.as_str() });
    }
    Ok(chips)
}

fn line(app: &App, item: &OutboxItem) -> Result<Line, Refused> {
    let to: MailAddress = app.from_box(RECIPIENT_BOX, item.id.as_str(), &item.recipient_box)?;
    let reply: Option<String> = match &item.reply_box {
        Some(sealed) => Some(app.from_box(REPLY_BOX, item.id.as_str(), sealed)?),
        None => None,
    };
    let subject = subject_of(app, &item.id, item.kind, item.message_box.as_deref());
    Ok(Line { subject, ..Line::of(item, to.as_str().to_owned(), reply.unwrap_or_default()) })
}

impl Line {
    fn of(item: &OutboxItem, to: String, reply: String) -> Self {
        let company = item.concerns_id.as_ref().zip(item.company.clone());
        Self {
            url: urls::mail(&item.id),
            kind: mail_words::kind(item.kind),
            subject: None,
            reference: item.reference.as_ref().map(|it| it.as_str().to_owned()).unwrap_or_default(),
            to,
            company: company.map(|(id, name)| (urls::brokerage(id), name)),
            at: Moment::of(item.created_at),
            changed: Moment::of(item.changed_at),
            state: mail_words::state(item.state),
            next_try: item.next_try.map(Moment::of),
            reply,
            sends: item.sends,
            is_again: item.again_of.is_some() && item.kind != MailKind::SignInCode,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            ids::{BrokerageId, MailId},
            instant::Instant,
            reference::Reference,
        },
        http::render::Sample,
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</td><script>\"'&{{7*7}}";

    fn lines() -> Vec<Line> {
        let item = |state, kind| OutboxItem {
            id: MailId::from_random([1; 16]),
            kind,
            concerns_id: Some(BrokerageId::from_random([2; 16])),
            recipient_box: Vec::new(),
            state,
            sends: 1,
            created_at: AT,
            changed_at: AT,
            reply_box: None,
            again_of: (state == MailState::Pending).then(|| MailId::from_random([3; 16])),
            company: Some(HOSTILE.to_owned()),
            next_try: (state == MailState::Pending).then_some(AT),
            message_box: None,
            reference: Some(Reference::new("LKS", 42)),
        };
        MailState::ALL
            .iter()
            .zip(MailKind::ALL)
            .map(|(state, kind)| Line {
                subject: (*state != MailState::Held).then(|| HOSTILE.to_owned()),
                ..Line::of(&item(*state, *kind), HOSTILE.to_owned(), HOSTILE.to_owned())
            })
            .collect()
    }

    impl Sample for MailsPage {
        fn samples() -> Vec<Self> {
            let chip =
                |name, is_here| Chip { name, url: "/mails".to_owned(), count: Some("3".to_owned()), is_here };
            [
                (Vec::new(), None, ""),
                (lines(), Some((HOSTILE.to_owned(), "/mails".to_owned())), "/mails?after=x"),
            ]
            .into_iter()
            .map(|(lines, only, older)| Self {
                layout: Layout::staff_sample().at(MAILS),
                asked: Asked { to: HOSTILE.to_owned(), ..Asked::default() },
                kinds: vec![("failed", "Not connected yet")],
                slip: only.is_none().then_some("No brokerage is called that."),
                namesakes: vec![("/mails?brokerage=x".to_owned(), HOSTILE.to_owned())],
                cut_short: Some(2000),
                chips: vec![chip("All", true), chip("Waiting", false)],
                only,
                lines,
                newest: older.to_owned(),
                older: older.to_owned(),
            })
            .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        MailsPage::assert_renders();
        for sample in MailsPage::samples() {
            assert!(!sample.render().expect("renders").contains("<script>\""));
        }
    }
}
