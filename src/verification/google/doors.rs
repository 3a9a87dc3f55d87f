//! The tokens of a check: one scope each, because Google's answer is all or nothing and only a single scope shows
//! which one is missing.

use crate::{
    domain::{
        check::Outcome,
        google::{CALENDAR, CONTACTS, DelegatedScope, MAIL_SETTINGS, SEND},
        instant::Instant,
        lacking::SCOPE,
    },
    verification::{bearer::Bearer, cut::Cut, evidence::Evidence, progress::Running, run::Run, step::StepId},
};

use super::{
    call::{self, Caller},
    service::Service,
    signing::SigningKey,
    token::{self, Wish},
    whose::Whose,
};

/// What opened: a service with its token, or nothing.
pub(super) struct Doors<'a> {
    pub(super) contacts: Option<Service<'a>>,
    pub(super) calendar: Option<Service<'a>>,
    pub(super) mail: Option<Service<'a>>,
    /// Optional: the step that needs it is judged by what came instead.
    pub(super) settings: Result<Service<'a>, Evidence>,
}

/// What tokens are asked for with.
pub(super) struct Asking<'a> {
    pub(super) caller: &'a Caller,
    pub(super) key: &'a SigningKey,
    pub(super) whose: Whose,
    pub(super) user: &'a str,
    pub(super) now: Instant,
}

type Asked = Result<(Running, Bearer), (Running, Evidence)>;

/// Asks for all of them at the same time. Those that were refused are judged together, once all are in: whether
/// another one was given decides what a refusal means.
pub(super) async fn open<'a>(run: &Run<'_>, asking: &Asking<'a>, cut: &Cut) -> Doors<'a> {
    let ask = async |step, scope: DelegatedScope| -> Asked {
        let (mut running, cut) = (run.progress.begin(step), cut.step());
        running.learn(SCOPE, scope.url);
        match cut.limit_step(run.pace.step, one(run, asking, scope, &cut)).await {
            Ok(bearer) => Ok((running, bearer)),
            Err(evidence) => Err((running, evidence)),
        }
    };
    let settings = async {
        let cut = cut.step();
        cut.limit_step(run.pace.step, one(run, asking, MAIL_SETTINGS, &cut)).await
    };
    let (contacts, calendar, mail, settings) = tokio::join!(
        ask(StepId::ContactsToken, CONTACTS),
        ask(StepId::CalendarToken, CALENDAR),
        ask(StepId::MailToken, SEND),
        settings
    );
    let given = [&contacts, &calendar, &mail].iter().any(|asked| asked.is_ok()) || settings.is_ok();
    let service = |host, bearer| Service::new(asking.caller, host, bearer, run.pace);
    Doors {
        contacts: ended(run, asking, contacts, given).await.map(|bearer| service(call::PEOPLE, bearer)),
        calendar: ended(run, asking, calendar, given).await.map(|bearer| service(call::CALENDAR, bearer)),
        mail: ended(run, asking, mail, given).await.map(|bearer| service(call::GMAIL, bearer)),
        settings: settings.map(|bearer| service(call::GMAIL, bearer)),
    }
}

async fn one(
    run: &Run<'_>,
    asking: &Asking<'_>,
    scope: DelegatedScope,
    cut: &Cut,
) -> Result<Bearer, Evidence> {
    let wish = Wish { scope: scope.url, user: Some(asking.user) };
    token::ask(asking.caller, asking.key, (asking.now, wish), &run.pace, cut).await
}

async fn ended(run: &Run<'_>, asking: &Asking<'_>, asked: Asked, given: bool) -> Option<Bearer> {
    match asked {
        Ok((running, bearer)) => {
            run.progress.end(running, Outcome::Passed, None).await;
            Some(bearer)
        }
        Err((running, evidence)) => {
            let scene = asking.whose.signing(running.id(), given);
            run.fail(running, &evidence, scene).await;
            None
        }
    }
}
