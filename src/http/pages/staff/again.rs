//! What a form of the staff site leads to: on to a page, or back to its own with what was typed.

use axum::{http::StatusCode, response::Response};
use tower_sessions::Session;

use crate::{
    domain::refused::Refused,
    http::{error::PageError, form_state::FormState, render::see_other, session},
};

/// A form that was not carried out: its page is shown again.
pub(super) struct Again {
    /// What was typed, without what looks like a secret and with what is wrong with it.
    pub(super) form: FormState,
    /// Why it was not done, where nothing that was typed is the reason.
    pub(super) conflict: Option<&'static str>,
    pub(super) status: StatusCode,
}

/// Leads to `to` with a line about what was done; the inner error is the form to show again.
///
/// Errs with a refusal that no form can mend.
pub(super) async fn led_on(
    session: &Session,
    to: &str,
    typed: FormState,
    done: Result<&'static str, Refused>,
) -> Result<Result<Response, Again>, PageError> {
    match done {
        Ok(line) => {
            session::leave_line(session, line).await?;
            Ok(Ok(see_other(to)))
        }
        Err(Refused::Fields(errors)) => Ok(Err(Again {
            form: typed.without_secrets().refused(errors),
            conflict: None,
            status: StatusCode::UNPROCESSABLE_ENTITY,
        })),
        Err(Refused::Conflict(why)) => {
            Ok(Err(Again { form: typed, conflict: Some(why), status: StatusCode::CONFLICT }))
        }
        Err(other) => Err(other.into()),
    }
}
