//! Makes the certificate that a draft waits for. The key pair is made in the worker, its private half sealed before
//! anything is written, and only the certificate stands where pages read it.

use crate::{
    app::App,
    domain::{
        app::AppCertificate,
        audit::{Actor, AuditLine},
        ids::{BrokerageId, ConnectionId, DraftId, JobId, SecretId},
        job::{Claimed, Job},
        kind::{AccessKind, KEY_HOLD, SecretSource},
        refused::Refused,
    },
    store::{Expectant, NewSecret, Quiet, Write},
    vault::{
        birth::{self, Born},
        context::{Context, SecretField},
        seal::Sealed,
    },
};

use super::{
    needs::{self, Parked},
    undone::{Undone, held},
};

/// The purpose under which a certificate is encrypted; the owner is the secret's id.
pub const CERTIFICATE_BOX: &str = "secrets.certificate";

/// Asks the worker for the certificate of a draft, where its kind has one; in the transaction that begins the draft.
pub(super) async fn ask(
    app: &App,
    write: &mut Write,
    kind: AccessKind,
    brokerage: &BrokerageId,
    draft: &DraftId,
) -> Result<(), Refused> {
    if kind.secret_source() == SecretSource::Worker {
        let (job, now) = (Job::MakeCertificate(draft.clone()), write.now());
        write.enqueue(app.new_id(JobId::from_random), &job, Some(brokerage), now).await?;
    }
    Ok(())
}

/// Carries out the job. A draft that has its certificate by now, or was submitted, needs none.
///
/// Errs when the lease was lost, when the database is away, or when no key pair could be made.
pub async fn make_certificate(app: &App, claimed: &Claimed, draft: &DraftId) -> Result<(), Undone> {
    let wanted = app.store.read().await?.draft_of_job(draft).await?;
    let Some(draft) = wanted.filter(|draft| draft.kind.secret_source() == SecretSource::Worker) else {
        return end(app, claimed).await;
    };
    let made = Made::make(app, &draft).await?;
    let mut write = app.store.write().await?;
    write.hold_connection(&draft.brokerage_id, &draft.connection_id).await?;
    held(write.finish_job(claimed).await?)?;
    // One whose time is over may still stand there until the next round of the sweep.
    write.delete_ended_secrets().await?;
    made.insert(&mut write, &draft).await?;
    if !write.give_secret(&draft.brokerage_id, &draft.id, &made.id, None).await? {
        drop(write);
        return end(app, claimed).await;
    }
    needs::settle(&mut write, &draft.connection_id, Parked::Over).await?;
    Ok(write.commit(&[made.line(&draft)]).await?)
}

async fn end(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    Ok(write.commit_quietly(Quiet::Draft).await?)
}

/// A sealed key and its certificate, on their way into the draft.
struct Made {
    id: SecretId,
    sealed: Sealed,
    certificate: AppCertificate,
    certificate_box: Vec<u8>,
}

impl Made {
    async fn make(app: &App, draft: &Expectant) -> Result<Self, Undone> {
        let (company, today) = (draft.company.as_str().to_owned(), app.clock.today());
        let randomness = app.randomness.clone();
        // Away from the threads that answer: it takes some tenths of a second of computing.
        let born = tokio::task::spawn_blocking(move || birth::bear(&company, today, &randomness)).await;
        let ours = |why: String| Undone::Ours(why);
        let Born { key, certificate } =
            born.map_err(|error| ours(error.to_string()))?.map_err(|error| ours(error.to_string()))?;
        let id = app.new_id(SecretId::from_random);
        let context = Context::of_credential(
            &app.settings.product.environment,
            &draft.brokerage_id,
            &draft.connection_id,
            &id,
            SecretField::PrivateKey,
        );
        let sealed = app.vault.seal(&context, key.expose()).map_err(|error| ours(error.to_string()))?;
        let certificate_box = app.to_box(CERTIFICATE_BOX, id.as_str(), &certificate)?;
        Ok(Self { id, sealed, certificate, certificate_box })
    }

    async fn insert(&self, write: &mut Write, draft: &Expectant) -> Result<(), Undone> {
        let expires_at = write.now().plus(KEY_HOLD);
        let new = NewSecret {
            id: &self.id,
            brokerage: &draft.brokerage_id,
            connection: &draft.connection_id,
            field: SecretField::PrivateKey.as_str(),
            // Nobody types it, so nobody counts its characters.
            letters: 0,
            sealed: &self.sealed.bytes,
            sha256: &self.sealed.sha256,
            key_id: &self.sealed.key_id.to_string(),
            expires_at,
            certificate_box: Some(&self.certificate_box),
            likeness: None,
        };
        Ok(write.insert_secret(&new).await?)
    }

    fn line(&self, draft: &Expectant) -> AuditLine {
        AuditLine::new(Actor::System, "certificate.make", self.id.as_str())
            .of(&draft.brokerage_id)
            .with("connection", draft.connection_id.as_str())
            .with("thumbprint", self.certificate.thumbprint.as_str())
            .with("ends_on", self.certificate.ends_on.to_string())
    }
}

/// The connection that a draft's job is about, for whoever gives the job up.
pub(super) async fn connection_of(
    write: &mut Write,
    draft: &DraftId,
) -> Result<Option<(BrokerageId, ConnectionId)>, Undone> {
    let draft = write.draft_of_job(draft).await?;
    Ok(draft.map(|draft| (draft.brokerage_id, draft.connection_id)))
}
