//! People with access: who can sign in for the brokerage, who is invited, and where the reader is signed in.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use crate::{
    actions::{
        end_sessions::end_sessions,
        form_answer::FormKey,
        invitation::invited_address,
        invite_colleague::{TypedColleague, invite_colleague, take_invitation_back},
        people::recipients,
        remove_person::remove_person,
    },
    app::App,
    domain::{
        duty::Duty,
        ids::{InvitationId, PersonId},
        refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, PEOPLE},
        render::{page, page_with, refused_form, see_other},
        session, urls,
    },
    store::{OpenSession, SessionKey, StoredInvitation},
};

use super::status_view::Moment;

/// The page.
#[derive(Template)]
#[template(path = "portal/people.html")]
pub struct PeoplePage {
    layout: Layout,
    company: String,
    form: FormState,
    conflict: Option<&'static str>,
    people: Vec<Colleague>,
    invited: Vec<Invited>,
    may_invite: bool,
    address_hint: String,
    sessions: Vec<Browser>,
}

/// Somebody who can sign in.
struct Colleague {
    name: String,
    address: String,
    duty: &'static str,
    since: Moment,
    is_reader: bool,
    remove: Option<String>,
}

/// Somebody who is invited.
struct Invited {
    name: String,
    address: String,
    duty: &'static str,
    until: Moment,
    revoke: Option<String>,
}

/// A browser in which the reader is signed in.
struct Browser {
    key: String,
    /// What it is, such as "Firefox on Windows"; empty when it is none of the usual.
    name: String,
    since: Moment,
    used: Moment,
    is_present: bool,
}

/// What the form of an invitation sends.
#[derive(Deserialize)]
pub struct ColleagueFields {
    #[serde(default)]
    contact: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    duty: String,
}

impl FormFields for ColleagueFields {}

/// Which session a form ends; empty for all others.
#[derive(Deserialize)]
pub struct SessionFields {
    #[serde(default)]
    key: String,
}

impl FormFields for SessionFields {}

/// Shows the page.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
) -> Result<Response, PageError> {
    Ok(page(&people_page(&app, &scope, layout, &session::key(&session)?, FormState::new(), None).await?))
}

/// Invites somebody and leads back to the page.
pub async fn invite(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<ColleagueFields>,
) -> Result<Response, PageError> {
    let ColleagueFields { contact, address, duty } = form.fields;
    let typed = TypedColleague { contact, address, duty };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => invite_colleague(&app, &scope, &typed, &key).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(()) => {
            session::leave_line(&session, "Invited. The mail is on its way.").await?;
            Ok(see_other(urls::PEOPLE))
        }
        Err(refused @ Refused::Fields(_)) => {
            let (key, state) = (session::key(&session)?, form.state.absorb(refused)?);
            let page = people_page(&app, &scope, layout.failed(true), &key, state, None).await?;
            Ok(refused_form(&page))
        }
        Err(other) => Err(other.into()),
    }
}

/// Takes somebody's access away.
pub async fn remove(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields>,
) -> Result<Response, PageError> {
    let id = PersonId::parse(&id).map_err(|_| PageError::NotFound)?;
    let done = remove_person(&app, &scope, &id).await;
    answered(&app, &session, &scope, layout, done, "They can no longer sign in.").await
}

/// Takes an invitation back.
pub async fn revoke(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields>,
) -> Result<Response, PageError> {
    let id = InvitationId::parse(&id).map_err(|_| PageError::NotFound)?;
    let done = take_invitation_back(&app, &scope, &id).await;
    answered(
        &app,
        &session,
        &scope,
        layout,
        done,
        "The invitation is taken back. Its link opens nothing more.",
    )
    .await
}

/// Ends a session of the reader's, or all but this one.
pub async fn end(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<SessionFields>,
) -> Result<Response, PageError> {
    let one = match form.fields.key.as_str() {
        "" => None,
        key => Some(SessionKey::parse(key).ok_or(PageError::NotFound)?),
    };
    let done = end_sessions(&app, &scope, one.as_ref(), &session::key(&session)?).await;
    answered(&app, &session, &scope, layout, done, "Signed out there.").await
}

async fn answered(
    app: &App,
    session: &Session,
    scope: &Scope,
    layout: Layout,
    done: Result<(), Refused>,
    line: &str,
) -> Result<Response, PageError> {
    match done {
        Ok(()) => {
            session::leave_line(session, line).await?;
            Ok(see_other(urls::PEOPLE))
        }
        Err(Refused::Conflict(why)) => {
            let key = session::key(session)?;
            let page = people_page(app, scope, layout, &key, FormState::new(), Some(why)).await?;
            Ok(page_with(axum::http::StatusCode::CONFLICT, &page))
        }
        Err(other) => Err(other.into()),
    }
}

async fn people_page(
    app: &App,
    scope: &Scope,
    layout: Layout,
    present: &SessionKey,
    form: FormState,
    conflict: Option<&'static str>,
) -> Result<PeoplePage, Refused> {
    let mut read = app.store.read().await?;
    let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
    let stored = read.people_of(&scope.brokerage).await?;
    let invitations = read.open_invitations(&scope.brokerage).await?;
    let sessions = read.sessions_of(&scope.person).await?;
    drop(read);
    let reader = stored.iter().find(|stored| stored.person.id == scope.person);
    let may_invite = reader.is_some_and(|reader| reader.person.duty.invites());
    let whose: Vec<(Duty, Moment)> =
        stored.iter().map(|stored| (stored.person.duty, Moment::of(stored.created_at))).collect();
    let people = recipients(app, stored)?.into_iter().zip(whose).map(|(person, (duty, since))| {
        let is_reader = person.id == scope.person;
        Colleague {
            name: person.name.as_str().to_owned(),
            address: person.address.as_str().to_owned(),
            duty: duty.title(),
            since,
            is_reader,
            remove: (may_invite && !is_reader).then(|| urls::remove_person(&person.id)),
        }
    });
    Ok(PeoplePage {
        company: brokerage.company.as_str().to_owned(),
        people: people.collect(),
        invited: invitations
            .iter()
            .map(|stored| invited(app, stored, may_invite))
            .collect::<Result<_, _>>()?,
        address_hint: match brokerage.accepted_at {
            Some(_) => String::new(),
            None => format!(
                "Until we have accepted your brokerage, only somebody at {}. For your IT company or mail host, write to us first, under Help.",
                brokerage.proven_domain
            ),
        },
        sessions: sessions.iter().map(|open| browser(open, present)).collect(),
        layout: layout.at(PEOPLE),
        form,
        conflict,
        may_invite,
    })
}

fn invited(app: &App, stored: &StoredInvitation, may_invite: bool) -> Result<Invited, Refused> {
    let invitation = &stored.invitation;
    let address = invited_address(app, &invitation.id, &stored.address_box)?;
    Ok(Invited {
        name: invitation.contact.as_str().to_owned(),
        address: address.as_str().to_owned(),
        duty: invitation.duty.title(),
        until: Moment::of(invitation.expires_at),
        revoke: may_invite.then(|| urls::take_invitation_back(&invitation.id)),
    })
}

fn browser(open: &OpenSession, present: &SessionKey) -> Browser {
    Browser {
        key: open.key.to_string(),
        name: open.browser.map(|browser| browser.to_string()).unwrap_or_default(),
        since: Moment::of(open.since),
        used: Moment::of(open.used_at),
        is_present: open.key == *present,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{instant::Instant, refused::FieldError},
        http::render::Sample,
    };

    impl Sample for PeoplePage {
        fn samples() -> Vec<Self> {
            let hostile = "</script><b>\"'&".to_owned();
            let at = || Moment::of(Instant::from_micros(1_795_000_000_000_000));
            let refused = ["contact", "address", "duty"]
                .map(|field| FieldError::new(field, "<script>Enter it".to_owned()))
                .to_vec();
            let page = |form: FormState, may_invite: bool, conflict: Option<&'static str>| Self {
                layout: Layout::sample().at(PEOPLE).failed(form.has_errors()),
                company: hostile.clone(),
                form,
                conflict,
                people: vec![
                    Colleague {
                        name: hostile.clone(),
                        address: "ida@lakeshore.example".to_owned(),
                        duty: Duty::Coordinator.title(),
                        since: at(),
                        is_reader: true,
                        remove: None,
                    },
                    Colleague {
                        name: hostile.clone(),
                        address: "vera@hosting.example".to_owned(),
                        duty: Duty::Vendor.title(),
                        since: at(),
                        is_reader: false,
                        remove: may_invite.then(|| "/people/x/remove".to_owned()),
                    },
                ],
                invited: vec![Invited {
                    name: hostile.clone(),
                    address: "sam@lakeshore.example".to_owned(),
                    duty: Duty::ItAdmin.title(),
                    until: at(),
                    revoke: may_invite.then(|| "/people/invitations/x/revoke".to_owned()),
                }],
                may_invite,
                address_hint: "somebody at lakeshore.example".to_owned(),
                sessions: [true, false]
                    .map(|is_present| Browser {
                        key: "00".repeat(32),
                        name: if is_present { "Firefox on Windows".to_owned() } else { String::new() },
                        since: at(),
                        used: at(),
                        is_present,
                    })
                    .into(),
            };
            vec![
                page(FormState::new(), true, None),
                page(FormState::new().with("contact", "\"><script>").refused(refused), true, None),
                page(FormState::new(), false, Some("This invitation was used meanwhile.")),
            ]
        }
    }

    #[test]
    fn every_sample_renders() {
        PeoplePage::assert_renders();
    }
}
