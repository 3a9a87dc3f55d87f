//! Who one is on the staff site, and what one may do there.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;
use tower_sessions::Session;

use super::staff_sessions::Sessions;
use crate::{
    actions::choose_mail::choose_mail as keep_choice,
    app::App,
    domain::{
        refused::Refused,
        review::NeedRule,
        staff::{Deed, StaffRole, StaffScope},
        staff_mail::{MailChoice, deed},
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::{ACCOUNT, Layout},
        render::{page, refused_form, see_other},
        session, urls,
    },
    store::SessionKey,
};

/// Name, roles and rights of the reader.
#[derive(Template)]
#[template(path = "staff/account.html")]
struct AccountPage {
    layout: Layout,
    scope: StaffScope,
    /// Who is signed in where.
    sessions: Sessions,
    /// Whether single letters do something in the queue.
    keys: bool,
    /// Whether the company's sign-in tells where mail reaches one.
    is_reached: bool,
    form: FormState,
}

/// A choice of mails in the words of the form: what it is, and more of it.
const fn choice_words(choice: MailChoice) -> (&'static str, &'static str) {
    match choice {
        MailChoice::AtOnce => {
            ("At once", "One mail for each thing that you may act on, and one more when it is overdue.")
        }
        MailChoice::Daily => {
            ("Once a day", "On working days at 15:00 UTC, with all that waits. None when nothing waits.")
        }
        MailChoice::Nothing => ("None", "You look at the queue by yourself."),
    }
}

impl AccountPage {
    fn rights(&self) -> Vec<(&'static str, bool)> {
        Deed::ALL.iter().map(|deed| (words(*deed), self.scope.may(*deed))).collect()
    }

    /// Whether there is anything that mails about the queue would be about.
    fn acts(&self) -> bool {
        NeedRule::ALL.iter().any(|rule| self.scope.may(deed(*rule)))
    }

    fn words_of(&self, choice: &MailChoice) -> (&'static str, &'static str) {
        choice_words(*choice)
    }

    /// What is sent whatever one chooses.
    fn always(&self) -> Vec<&'static str> {
        let is = |role| self.scope.roles.contains(&role);
        let all = [
            (
                self.scope.may(Deed::OpenAccess),
                "A colleague in operations needs you as the second person to open a secret",
            ),
            (
                self.scope.may(Deed::ReviewAccess) || is(StaffRole::Auditor),
                "A secret was opened in an emergency and has to be looked over",
            ),
            (
                is(StaffRole::Operations) || is(StaffRole::Owner),
                "So many secrets were asked for that no more are shown",
            ),
            (
                is(StaffRole::AccountManager),
                "A brokerage that names you as its account manager is verified, has failed, or had a secret opened without its yes",
            ),
            (
                self.scope.may(Deed::AskAccess) || self.scope.may(Deed::OpenAccess),
                "What became of your own requests to see a secret",
            ),
        ];
        all.into_iter().filter_map(|(gets, what)| gets.then_some(what)).collect()
    }
}

const fn words(deed: Deed) -> &'static str {
    match deed {
        Deed::ReadQueue => "Read the queue, and the brokerages and connections in it",
        Deed::TakeItem => "Take an item, and give it back",
        Deed::LeaveNote => "Leave notes for colleagues",
        Deed::AcceptBrokerage => "Accept a brokerage that started by itself",
        Deed::NameKeeper => "Name the account manager of a brokerage",
        Deed::InviteAdmin => "Invite a brokerage admin",
        Deed::PrepareConnection => "Make a connection for a brokerage, and give one its ID",
        Deed::CheckAgain => "Have an attempt checked again, and open closed connections again",
        Deed::DecideByHand => "Decide an attempt by hand, or be the second person who says yes",
        Deed::AnswerQuestion => "Answer what somebody of an office asked",
        Deed::AllowNames => "Allow the names of a failed attempt again",
        Deed::AskAccess => "Ask a brokerage for a look at a secret",
        Deed::OpenAccess => "Open a secret together with a second operations person",
        Deed::ReviewAccess => "Look over what others opened in an emergency",
        Deed::SendAgain => "Have a mail sent once more",
        Deed::EndSessions => "Sign a colleague out, everywhere",
        Deed::ReadAccess => "Read who asked to look at which secrets, and what became of it",
        Deed::ReadAudit => "Read the audit, have it verified, and take it away as a file",
        Deed::Enable => "Say from which day on a connection is enabled",
    }
}

/// Shows it.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: StaffScope,
    layout: Layout,
) -> Result<Response, PageError> {
    Ok(page(&read_page(&app, &session::key(&session)?, scope, layout, FormState::new()).await?))
}

async fn read_page(
    app: &App,
    present: &SessionKey,
    scope: StaffScope,
    layout: Layout,
    form: FormState,
) -> Result<AccountPage, Refused> {
    let mut read = app.store.read().await?;
    let keys = read.staff_keys(&scope.staff).await?;
    let (chosen, is_reached) = read.staff_mail(&scope.staff).await?;
    let choice = chosen.unwrap_or_else(|| MailChoice::usual(&scope.roles));
    let layout = layout.at(ACCOUNT).failed(form.has_errors());
    let sessions = Sessions::read(&mut read, &scope, present).await?;
    Ok(AccountPage { layout, scope, sessions, keys, is_reached, form: form.with("mail", choice.as_str()) })
}

/// What the form about mails sends.
#[derive(Deserialize)]
pub struct MailFields {
    #[serde(default)]
    mail: String,
}

impl FormFields for MailFields {}

/// Keeps which mails one wants.
pub async fn choose_mail(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<MailFields, StaffScope>,
) -> Result<Response, PageError> {
    if let Err(refused) = keep_choice(&app, &scope, &form.fields.mail).await {
        let form = FormState::new().absorb(refused)?;
        let present = session::key(&session)?;
        return Ok(refused_form(&read_page(&app, &present, scope, layout, form).await?));
    }
    session::leave_line(&session, "Your choice of mails is kept.").await?;
    Ok(see_other(urls::ACCOUNT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{ids::StaffId, instant::Instant, refused::FieldError},
        http::render::Sample,
    };

    impl Sample for AccountPage {
        fn samples() -> Vec<Self> {
            [(vec![StaffRole::Auditor], "Dana Reyes"), (StaffRole::ALL.to_vec(), "<script>alert(1)</script>")]
                .into_iter()
                .map(|(roles, name)| Self {
                    layout: Layout::staff_sample().at(ACCOUNT),
                    sessions: Sessions::sample(
                        roles.len() > 1,
                        Instant::from_micros(1_795_257_720_000_000),
                        name,
                    ),
                    keys: roles.len() > 1,
                    is_reached: roles.len() > 1,
                    form: if roles.len() > 1 {
                        let error = FieldError::new("mail", "Choose which mails you want".to_owned());
                        FormState::new().with("mail", "daily").refused(vec![error])
                    } else {
                        FormState::new()
                    },
                    scope: StaffScope { staff: StaffId::from_random([1; 16]), name: name.to_owned(), roles },
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        AccountPage::assert_renders();
    }

    #[test]
    fn an_auditor_reads_what_they_may_not_do() {
        let samples = AccountPage::samples();
        let allowed = samples[0].rights().into_iter().filter(|(_, may)| *may).count();
        assert_eq!(allowed, 3, "reading only");
    }
}
