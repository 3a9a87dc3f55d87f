//! The page of a brokerage for our own people: its people, its connections, its invitations; accepting and inviting.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    again::led_on,
    deciding::Deciding,
    found::FoundLine,
    keeper_view::KeeperView,
    questions::Asked,
    story::story,
    timeline::{Day, days},
    words::{tag, version},
};
use crate::{
    actions::{
        accept_brokerage::accept_brokerage,
        alike::brokerage_of_address,
        answer_question::answer_question,
        form_answer::FormKey,
        invitation::invited_address,
        invite_admin::{TypedInvitation, invite_admin},
        people::recipients,
        resend_invitation::resend_invitation,
        revoke_invitation::revoke_invitation,
        staff_create_connection::kinds_for_staff,
    },
    app::App,
    domain::{
        brokerage::Origin,
        ids::{BrokerageId, InvitationId, QuestionId},
        invitation::InvitationEnd,
        kind::AccessKind,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, QUEUE},
        pages::portal::status_view::Moment,
        render::{page, page_with, see_other},
        session, urls,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/brokerage.html")]
struct BrokeragePage {
    layout: Layout,
    form: FormState,
    conflict: Option<&'static str>,
    id: BrokerageId,
    company: String,
    contact: String,
    brand: String,
    domain: String,
    origin: &'static str,
    created: Moment,
    accepted: Option<Moment>,
    /// Which of our own people accepted it, where that is known.
    accepted_by: String,
    /// What to decide by while nobody accepted it, and that it was refused.
    deciding: Deciding,
    /// Who of our account managers is named for it.
    keeper: KeeperView,
    may_invite: bool,
    /// The kinds that the reader may make a connection of; none when they may make none.
    kinds: Vec<AccessKind>,
    people: Vec<(String, String)>,
    connections: Vec<Line>,
    /// What its people asked, the latest first.
    questions: Vec<Asked>,
    may_answer: bool,
    invitations: Vec<Invited>,
    /// The other brokerage that has the address which was typed.
    holder: Option<FoundLine>,
    /// Whether the reader may leave a note about it.
    may_note: bool,
    /// What happened last, in all its connections.
    days: Vec<Day>,
    /// Where what happened before that stands.
    older: Option<String>,
}

/// A connection of the brokerage.
struct Line {
    url: String,
    name: String,
    reference: String,
    kind: &'static str,
    tag: (&'static str, &'static str),
    /// Whether our own people verified what is in use by hand.
    by_hand: bool,
}

/// An invitation to the brokerage.
struct Invited {
    contact: String,
    address: String,
    by: String,
    at: Moment,
    standing: String,
    /// Where it can be taken back.
    revoke: Option<String>,
    /// Where a new link can be sent.
    resend: Option<String>,
}

/// What the form that accepts sends.
#[derive(Deserialize)]
pub struct AcceptFields {
    #[serde(default)]
    seen: String,
}

impl FormFields for AcceptFields {}

/// What the form that invites a person sends.
#[derive(Deserialize)]
pub struct InviteFields {
    #[serde(default)]
    contact: String,
    #[serde(default)]
    address: String,
}

impl FormFields for InviteFields {}

/// What the form of an answer sends.
#[derive(Deserialize)]
pub struct AnswerFields {
    #[serde(default)]
    answer: String,
}

impl FormFields for AnswerFields {}

pub(super) fn parsed(id: &str) -> Result<BrokerageId, PageError> {
    BrokerageId::parse(id).map_err(|_| PageError::NotFound)
}

/// Shows the page.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    Ok(page(&read_page(&app, &scope, layout, &parsed(&id)?, FormState::new(), None).await?))
}

/// Accepts the brokerage.
pub async fn accept(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AcceptFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = accept_brokerage(&app, &scope, &id, version(&form.fields.seen)).await;
    let line = |accepted| match accepted {
        true => "Accepted. Its people are told by e-mail.",
        false => "It was accepted before. Nothing was changed, and nobody is told again.",
    };
    answer(&app, &session, &scope, layout, &id, form.state, done.map(line)).await
}

/// Invites one more person.
pub async fn invite(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<InviteFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let typed = TypedInvitation {
        company: String::new(),
        contact: form.fields.contact,
        address: form.fields.address,
        connection: None,
    };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => invite_admin(&app, &scope, Some(&id), &typed, &key).await,
        Err(refused) => Err(refused),
    };
    let line = "Invited. The mail is on its way.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|_| line)).await
}

/// Answers what somebody of it asked.
pub async fn reply(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path((id, question)): Path<(String, String)>,
    ScopedForm { scope, form }: ScopedForm<AnswerFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let question = QuestionId::parse(&question).map_err(|_| PageError::NotFound)?;
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => answer_question(&app, &scope, &id, &question, &form.fields.answer, &key).await,
        Err(refused) => Err(refused),
    };
    // Which of the questions it was, for the page that is shown again.
    let state = form.state.with("question", question.as_str());
    let line = "Answered. Who asked gets it by e-mail, and it stands on the portal.";
    answer(&app, &session, &scope, layout, &id, state, done.map(|()| line)).await
}

/// Sends an invitation once more, with a new link; the old one ends.
pub async fn resend(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = InvitationId::parse(&id).map_err(|_| PageError::NotFound)?;
    let key = FormKey::new(form.key.as_deref(), form.fingerprint)?;
    match resend_invitation(&app, &scope, &id, &key).await {
        Ok(brokerage) => {
            session::leave_line(&session, "A new link is on its way. The old one does not work any more.")
                .await?;
            Ok(see_other(&urls::brokerage(&brokerage)))
        }
        Err(refused @ (Refused::Fields(_) | Refused::Conflict(_))) => {
            let mut read = app.store.read().await.map_err(Refused::from)?;
            let found = read.invitation(&id).await.map_err(Refused::from)?.ok_or(Refused::NotFound)?;
            drop(read);
            let brokerage = found.invitation.brokerage_id;
            answer(&app, &session, &scope, layout, &brokerage, form.state, Err(refused)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Takes an invitation back.
pub async fn revoke(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = InvitationId::parse(&id).map_err(|_| PageError::NotFound)?;
    let brokerage = revoke_invitation(&app, &scope, &id).await?;
    session::leave_line(&session, "The invitation was taken back.").await?;
    Ok(see_other(&urls::brokerage(&brokerage)))
}

/// Leads back to the page with a line about what was done, or shows it with what was typed and why it was not done.
pub(super) async fn answer(
    app: &App,
    session: &Session,
    scope: &StaffScope,
    layout: Layout,
    id: &BrokerageId,
    typed: FormState,
    done: Result<&'static str, Refused>,
) -> Result<Response, PageError> {
    match led_on(session, &urls::brokerage(id), typed, done).await? {
        Ok(response) => Ok(response),
        Err(again) => {
            let layout = layout.failed(true);
            let page = read_page(app, scope, layout, id, again.form, again.conflict).await?;
            Ok(page_with(again.status, &page))
        }
    }
}

async fn read_page(
    app: &App,
    scope: &StaffScope,
    layout: Layout,
    id: &BrokerageId,
    form: FormState,
    conflict: Option<&'static str>,
) -> Result<BrokeragePage, Refused> {
    let holder = match form.error("address").filter(|_| scope.may(Deed::InviteAdmin)) {
        Some(_) => brokerage_of_address(app, scope, form.value("address")).await?,
        None => None,
    };
    let holder = holder.filter(|found| found.id != *id);
    let mut read = app.store.read().await?;
    let mut all = read.all_brokerages(scope)?;
    let entries = all.invitations_of(id).await?;
    let accepted_by = all.accepted_by(id).await?.unwrap_or_default();
    let brokerage = read.brokerage(id).await?.ok_or(Refused::NotFound)?;
    let people = recipients(app, read.people_of(id).await?)?;
    let connections = read.connections_of(id).await?;
    let by_hand = read.verified_by_hand(id).await?;
    let questions = read.questions_of(id).await?.into_iter();
    let questions: Vec<Asked> = questions.map(|stored| Asked::open(app, stored)).collect::<Result<_, _>>()?;
    let happened = story(app, &mut read.all_brokerages(scope)?, id, &questions, None).await?;
    let keeper = KeeperView::read(&mut read, scope, id).await?;
    let now = read.now();
    drop(read);
    let deciding = Deciding::read(app, scope, &brokerage, &people).await?;
    let may_invite = scope.may(Deed::InviteAdmin) && brokerage.refused_at.is_none();
    let mut invitations = Vec::with_capacity(entries.len());
    for entry in entries {
        let open = entry.ended_by.is_none() && entry.expires_at > now;
        invitations.push(Invited {
            address: invited_address(app, &entry.id, &entry.address_box)?.as_str().to_owned(),
            contact: entry.contact.as_str().to_owned(),
            by: entry.invited_by,
            at: Moment::of(entry.created_at),
            standing: match entry.ended_by {
                Some(InvitationEnd::Used) => "Used".to_owned(),
                Some(InvitationEnd::Revoked) => "Taken back".to_owned(),
                Some(InvitationEnd::Newer) => "Replaced by a newer one".to_owned(),
                None if open => format!("Open until {}", entry.expires_at.words()),
                None => "Over".to_owned(),
            },
            revoke: (open && may_invite).then(|| urls::revoke(&entry.id)),
            resend: (entry.ended_by.is_none() && (may_invite || open && scope.may(Deed::SendAgain)))
                .then(|| urls::resend(&entry.id)),
        });
    }
    Ok(BrokeragePage {
        layout: layout.at(QUEUE),
        form,
        conflict,
        deciding,
        id: brokerage.id,
        company: brokerage.company.as_str().to_owned(),
        contact: brokerage.contact.as_str().to_owned(),
        brand: brokerage.brand.as_ref().map(|brand| brand.as_str().to_owned()).unwrap_or_default(),
        domain: brokerage.proven_domain.as_str().to_owned(),
        origin: match brokerage.origin {
            Origin::SelfStarted => "It started by itself",
            Origin::Invited => "It was invited",
        },
        created: Moment::of(brokerage.created_at),
        accepted: brokerage.accepted_at.map(Moment::of),
        accepted_by,
        keeper,
        may_invite,
        kinds: if brokerage.refused_at.is_some() { Vec::new() } else { kinds_for_staff(app, scope) },
        questions,
        may_note: scope.may(Deed::LeaveNote),
        older: happened.older.map(|place| urls::brokerage_timeline(id, &place.to_string())),
        days: days(happened.entries),
        may_answer: scope.may(Deed::AnswerQuestion),
        people: people
            .into_iter()
            .map(|person| (person.name.as_str().to_owned(), person.address.as_str().to_owned()))
            .collect(),
        connections: connections
            .iter()
            .map(|connection| Line {
                url: urls::connection(&connection.id),
                name: connection.name.as_str().to_owned(),
                reference: connection.reference.as_str().to_owned(),
                kind: connection.system(),
                tag: tag(connection.state, connection.phase),
                by_hand: connection.in_use.as_ref().is_some_and(|id| by_hand.contains(id)),
            })
            .collect(),
        invitations,
        holder: holder.as_ref().map(FoundLine::of),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{instant::Instant, refused::FieldError},
        http::render::Sample,
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</dd><script>\"'&";

    impl Sample for BrokeragePage {
        fn samples() -> Vec<Self> {
            let refused = FormState::new().with("contact", HOSTILE).refused(
                ["address", "text"].map(|field| FieldError::new(field, HOSTILE.to_owned())).to_vec(),
            );
            [(true, FormState::new(), None), (false, refused, Some("It was accepted meanwhile."))]
                .into_iter()
                .map(|(waits, form, conflict)| Self {
                    layout: Layout::staff_sample().at(QUEUE),
                    form,
                    conflict,
                    id: BrokerageId::from_random([2; 16]),
                    company: HOSTILE.to_owned(),
                    contact: HOSTILE.to_owned(),
                    brand: HOSTILE.to_owned(),
                    domain: "lakeshore.example".to_owned(),
                    origin: "It started by itself",
                    created: Moment::of(AT),
                    accepted: (!waits).then(|| Moment::of(AT)),
                    accepted_by: if waits { String::new() } else { HOSTILE.to_owned() },
                    days: if waits { Vec::new() } else { Day::samples(HOSTILE) },
                    holder: (!waits).then(|| FoundLine::sample(HOSTILE, false)),
                    may_note: true,
                    older: (!waits).then(|| "/brokerages/brk_x/timeline?before=1.0.aud_x".to_owned()),
                    deciding: Deciding::sample(HOSTILE, !waits),
                    keeper: KeeperView::sample(HOSTILE, waits),
                    may_invite: true,
                    kinds: if waits { AccessKind::ALL.to_vec() } else { Vec::new() },
                    questions: Asked::samples(HOSTILE),
                    may_answer: true,
                    people: vec![(HOSTILE.to_owned(), "ida@lakeshore.example".to_owned())],
                    connections: vec![Line {
                        url: "/connections/con_x".to_owned(),
                        name: HOSTILE.to_owned(),
                        reference: "LKS-0042".to_owned(),
                        kind: "Microsoft 365",
                        tag: ("ok", "Verified"),
                        by_hand: waits,
                    }],
                    invitations: vec![Invited {
                        contact: HOSTILE.to_owned(),
                        address: "tom@lakeshore.example".to_owned(),
                        by: HOSTILE.to_owned(),
                        at: Moment::of(AT),
                        standing: "Used".to_owned(),
                        resend: waits.then(|| "/invitations/inv_x/resend".to_owned()),
                        revoke: waits.then(|| "/invitations/inv_x/revoke".to_owned()),
                    }],
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        BrokeragePage::assert_renders();
    }
}
