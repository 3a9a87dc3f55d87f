//! An office as its people play it: a code by mail, a connection, the form, and waiting for the check.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    time::Duration,
};

use secrecy::SecretString;

use super::{super::letter::Letter, missed::Missed};
use crate::{
    actions::{
        ask_code::{Asking, ask_code},
        check_again::check_again,
        create_connection::{TypedConnection, create_connection},
        draft::mark,
        form_answer::FormKey,
        prove_code::{self, Proof, prove_code},
        save_answers::{Goal, TypedAnswers, save_answers},
        start_attempt::start_attempt,
        start_brokerage::{self, Begun, start_brokerage},
        submit::submit,
    },
    app::App,
    domain::{
        address::MailAddress,
        answers::Answers,
        code,
        connection::{Connection, Phase, State},
        ids::ConnectionId,
        kind::AccessKind,
        scope::Scope,
    },
    simulator::Sample,
};

/// The net below the news of the store.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// A check of the slowest sample ends within it.
const PATIENCE: Duration = Duration::from_secs(180);

/// An office whose coordinator is signed in.
pub(super) struct Office<'a> {
    pub(super) app: &'a App,
    pub(super) sample: &'a Sample,
    pub(super) scope: Scope,
    session: [u8; 32],
}

/// A form that nobody has sent yet.
pub(super) fn fresh_key(app: &App) -> Result<FormKey, Missed> {
    Ok(FormKey::new(Some(&hex::encode(app.randomness.bytes::<16>())), [0; 32])?)
}

impl<'a> Office<'a> {
    /// Signs in by the code of a mail, and begins. `number` tells the offices' networks apart.
    pub(super) async fn begins(
        app: &'a App,
        mail: &Path,
        sample: &'a Sample,
        number: u8,
    ) -> Result<Self, Missed> {
        let person = &sample.brokerage;
        let address = MailAddress::parse(&person.admin_email).map_err(|_| Missed("no address".to_owned()))?;
        let from = IpAddr::V4(Ipv4Addr::new(127, 0, 1, number));
        let cookie = hex::encode(app.randomness.bytes::<32>());
        let asking = Asking {
            address: &address,
            by_invitation: false,
            cookie: &cookie,
            older_cookie: None,
            from,
            user_agent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0",
        };
        ask_code(app, asking).await?;
        let code = heard(app, "the code arrives", async || Ok(code_in(mail, &person.admin_email))).await?;
        let typed = prove_code::Typed { cookie: &cookie, code: &code, form: None };
        let Proof::New = prove_code(app, &typed, from).await? else {
            return Err(Missed("somebody has that address already".to_owned()));
        };
        let typed = start_brokerage::Typed {
            company: person.company.clone(),
            contact: person.person.clone(),
            phone: String::new(),
            brand: String::new(),
        };
        let (Begun::Made(scope) | Begun::Joined(scope)) = start_brokerage(app, &cookie, &typed).await?;
        Ok(Self { app, sample, scope, session: app.randomness.bytes() })
    }

    /// Makes the connection of its sample's kind.
    pub(super) async fn connects(&self) -> Result<ConnectionId, Missed> {
        let typed = TypedConnection {
            name: "Main office".to_owned(),
            external_id: String::new(),
            kind: self.sample.kind.to_owned(),
        };
        Ok(create_connection(self.app, &self.scope, &typed, &fresh_key(self.app)?).await?)
    }

    /// Fills in part of the form, and leaves it.
    pub(super) async fn drafts(&self, id: &ConnectionId) -> Result<(), Missed> {
        let answers = Answers::proposed(self.kind()?, 1).with("test_mailbox", &self.sample.test_mailbox);
        let typed = self.typed(answers, id, "").await?;
        save_answers(self.app, &self.scope, &self.session, id, typed, Goal::Later).await?;
        Ok(())
    }

    /// Begins the next attempt after one that failed; gives its number.
    pub(super) async fn begins_next(&self, id: &ConnectionId) -> Result<i64, Missed> {
        Ok(start_attempt(self.app, &self.scope, &self.session, id).await?)
    }

    /// Says that it is mended, and has the same attempt checked again.
    pub(super) async fn checks_again(&self, id: &ConnectionId) -> Result<(), Missed> {
        let version = self.connection(id).await?.version;
        check_again(self.app, &self.scope, id, version).await?;
        Ok(())
    }

    /// Fills in the form of attempt `number` and submits it. `good`: with the sample's second credential.
    pub(super) async fn submits(&self, id: &ConnectionId, number: i64, good: bool) -> Result<(), Missed> {
        let (answers, secret) = self.credential(number, good)?;
        let typed = self.typed(answers, id, &secret).await?;
        let saved = save_answers(self.app, &self.scope, &self.session, id, typed, Goal::Review).await?;
        if !saved.errors.is_empty() {
            return Err(crate::domain::refused::Refused::Fields(saved.errors).into());
        }
        let version = self.draft_version(id).await?;
        submit(self.app, &self.scope, &self.session, id, version, &fresh_key(self.app)?).await?;
        Ok(())
    }

    /// Waits until its check has ended, or waits for somebody else.
    pub(super) async fn is_decided(&self, id: &ConnectionId) -> Result<Connection, Missed> {
        heard(self.app, "its check ends", async || {
            let connection = self.connection(id).await?;
            let under_way = matches!(connection.phase, Some(Phase::Queued | Phase::Checking));
            Ok((connection.state != State::Submitted || !under_way).then_some(connection))
        })
        .await
    }

    /// Its connection as it stands.
    pub(super) async fn connection(&self, id: &ConnectionId) -> Result<Connection, Missed> {
        let mut read = self.app.store.read().await?;
        let connection = read.connection(&self.scope.brokerage, id).await?;
        connection.ok_or_else(|| Missed("its connection is gone".to_owned()))
    }

    fn kind(&self) -> Result<AccessKind, Missed> {
        AccessKind::from_id(self.sample.kind).ok_or_else(|| Missed("a kind that we do not know".to_owned()))
    }

    fn credential(&self, number: i64, good: bool) -> Result<(Answers, String), Missed> {
        let sample = self.sample;
        let answers = Answers::proposed(self.kind()?, number).with("test_mailbox", &sample.test_mailbox);
        if let Some(account) = &sample.account {
            let url = account.ews_url.clone().unwrap_or_default();
            let answers = answers.with("service_account", &account.service_account).with("ews_url", url);
            return Ok((answers, account.password.clone()));
        }
        if sample.google.is_some() {
            return Ok((answers, String::new()));
        }
        let (tenant, client, secret, ends) = match sample.second.as_ref().filter(|_| good) {
            Some(second) => {
                (&second.tenant_id, &second.client_id, &second.client_secret, second.secret_expires_on)
            }
            None => (&sample.tenant_id, &sample.client_id, &sample.client_secret, sample.secret_expires_on),
        };
        let answers = answers
            .with("tenant", tenant)
            .with("client_id", client)
            .with("ends_month", ends.month().to_string())
            .with("ends_day", ends.day().to_string())
            .with("ends_year", ends.year().to_string());
        Ok((answers, secret.clone()))
    }

    /// The form as it is sent: with the mark of the draft that it was shown with.
    async fn typed(&self, answers: Answers, id: &ConnectionId, secret: &str) -> Result<TypedAnswers, Missed> {
        let given = |is: bool| SecretString::from(if is { secret } else { "" });
        let has_account = self.sample.account.is_some();
        let mut read = self.app.store.read().await?;
        let seen = mark(read.draft(&self.scope.brokerage, id).await?.as_ref());
        Ok(TypedAnswers {
            texts: answers.to_stored().clone(),
            client_secret: given(!has_account),
            password: given(has_account),
            service_account_key: given(false),
            key_file: given(false),
            seen,
        })
    }

    async fn draft_version(&self, id: &ConnectionId) -> Result<i64, Missed> {
        let mut read = self.app.store.read().await?;
        let draft = read.draft(&self.scope.brokerage, id).await?;
        draft.map(|draft| draft.version).ok_or_else(|| Missed("its draft is gone".to_owned()))
    }
}

/// Waits until something is so, looking again whenever the store tells of a change.
async fn heard<T>(
    app: &App,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<Option<T>, Missed>,
) -> Result<T, Missed> {
    let mut woken = app.store.wakes().hear();
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            let _ = tokio::time::timeout(LOOK_AGAIN, woken.recv()).await;
        }
    });
    waited.await.unwrap_or_else(|_| Err(Missed(format!("waited in vain until {what}"))))
}

/// The code of the mail to an address, if it is there.
fn code_in(folder: &Path, address: &str) -> Option<String> {
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "eml")).collect();
    files.sort();
    files.iter().rev().find_map(|file| {
        let letter = Letter::read(&std::fs::read(file).ok()?);
        let line = |line: &str| code::parse(line.trim()).map(|_| line.trim().to_owned());
        letter.to.contains(address).then(|| letter.text.lines().find_map(line))?
    })
}
