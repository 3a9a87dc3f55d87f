//! Where one is signed in on the staff site, and ending it: one's own sessions, and for those who may those of colleagues.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use crate::{
    actions::end_staff_sessions::{Which, end_colleagues_sessions, end_own_sessions},
    app::App,
    domain::{
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        pages::portal::status_view::Moment,
        render::see_other,
        session, urls,
    },
    store::{OpenSession, Read, SessionKey},
};

/// A browser in which one is signed in.
pub(super) struct Browser {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) since: Moment,
    pub(super) used: Moment,
    pub(super) is_present: bool,
}

impl Browser {
    fn of(open: &OpenSession, present: &SessionKey) -> Self {
        Self {
            key: open.key.to_string(),
            name: open.browser.map(|browser| browser.to_string()).unwrap_or_default(),
            since: Moment::of(open.since),
            used: Moment::of(open.used_at),
            is_present: open.key == *present,
        }
    }
}

/// A colleague who is signed in.
pub(super) struct Colleague {
    pub(super) name: String,
    pub(super) browsers: String,
    pub(super) used: Moment,
    pub(super) sign_out: String,
}

/// Who is signed in where.
#[derive(Default)]
pub(super) struct Sessions {
    pub(super) own: Vec<Browser>,
    /// For those who may sign colleagues out; else empty.
    pub(super) colleagues: Vec<Colleague>,
    pub(super) may_end: bool,
}

impl Sessions {
    /// Reads it. Errs when the database is away.
    pub(super) async fn read(
        read: &mut Read,
        scope: &StaffScope,
        present: &SessionKey,
    ) -> Result<Self, Refused> {
        let own = read.staff_sessions_of(&scope.staff).await?;
        let may_end = scope.may(Deed::EndSessions);
        let others = if may_end { read.staff_signed_in(&scope.staff).await? } else { Vec::new() };
        let colleagues = others.into_iter().map(|one| Colleague {
            browsers: match one.sessions {
                1 => "in one browser".to_owned(),
                many => format!("in {many} browsers"),
            },
            used: Moment::of(one.used_at),
            sign_out: urls::colleague_sessions(&one.staff),
            name: one.name,
        });
        let own = own.iter().map(|open| Browser::of(open, present)).collect();
        Ok(Self { own, colleagues: colleagues.collect(), may_end })
    }

    /// For samples.
    #[cfg(test)]
    pub(super) fn sample(full: bool, at: crate::domain::instant::Instant, hostile: &str) -> Self {
        let browser = |is_present| Browser {
            key: "ab".repeat(32),
            name: if is_present { hostile.to_owned() } else { String::new() },
            since: Moment::of(at),
            used: Moment::of(at),
            is_present,
        };
        let colleague = || Colleague {
            name: hostile.to_owned(),
            browsers: "in one browser".to_owned(),
            used: Moment::of(at),
            sign_out: "/account/colleagues/stf_x/sign-out".to_owned(),
        };
        Self {
            own: if full { vec![browser(true), browser(false)] } else { vec![browser(true)] },
            colleagues: if full { vec![colleague()] } else { Vec::new() },
            may_end: full,
        }
    }
}

/// Which session a form ends: its key, or the word for all others or for all.
#[derive(Deserialize)]
pub struct SessionFields {
    #[serde(default)]
    key: String,
}

impl FormFields for SessionFields {}

/// Ends one session of one's own, all others, or all.
pub async fn end(
    State(app): State<App>,
    session: Session,
    ScopedForm { scope, form }: ScopedForm<SessionFields, StaffScope>,
) -> Result<Response, PageError> {
    let present = session::key(&session)?;
    let line = match form.fields.key.as_str() {
        "all" => {
            end_own_sessions(&app, &scope, Which::All).await?;
            return session::sign_out(&session).await;
        }
        "others" => {
            end_own_sessions(&app, &scope, Which::AllBut(&present)).await?;
            "Signed out everywhere else."
        }
        key => {
            let key = SessionKey::parse(key).ok_or(PageError::NotFound)?;
            end_own_sessions(&app, &scope, Which::One(&key)).await?;
            "Signed out there."
        }
    };
    session::leave_line(&session, line).await?;
    Ok(see_other(urls::ACCOUNT))
}

/// Ends every session of a colleague.
pub async fn sign_out_colleague(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let name = end_colleagues_sessions(&app, &scope, &id).await?;
    session::leave_line(&session, &format!("{name} is signed out, everywhere.")).await?;
    Ok(see_other(urls::ACCOUNT))
}
