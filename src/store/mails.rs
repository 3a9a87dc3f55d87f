//! The outbox. A mail is written in the transaction of the event it tells of, once for each kind, event and
//! recipient; its job hands it over later.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    ids::{BrokerageId, JobId, MailId},
    instant::Instant,
    job::Job,
    mail::{MailKind, MailState},
};

const INSERT: &str = "
INSERT INTO mails (id, kind, event_id, about, brokerage_id, recipient_key, recipient_box, message_id, message_box,
                   code_sealed, concerns_id, domain_key, state, sends, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $13, 'pending', 0, $11, $11)
ON CONFLICT (kind, event_id, recipient_key) DO NOTHING";

const FIND: &str = "
SELECT id, kind, event_id, brokerage_id, recipient_box, message_id, message_box, code_sealed, state, sends, created_at,
       changed_at
FROM mails
WHERE id = $1";

const BEGIN: &str = "
UPDATE mails SET state = 'sending', sends = sends + 1, changed_at = $2
WHERE id = $1 AND state IN ('pending', 'uncertain')";

const UNSEND: &str = "UPDATE mails SET sends = sends - 1 WHERE id = $1 AND state = 'sending'";

const MOVE: &str =
    "UPDATE mails SET state = $2, reply_box = $3, changed_at = $4 WHERE id = $1 AND state = $5";

const DROP_CODE: &str = "UPDATE mails SET code_sealed = NULL WHERE id = $1";

const OF_EVENT: &str = "
SELECT kind, state, sends, changed_at
FROM mails
WHERE brokerage_id = $1 AND event_id = $2
ORDER BY created_at, id";

const DROP_OLD_CODES: &str = "
UPDATE mails SET code_sealed = NULL
WHERE id IN (SELECT id FROM mails WHERE code_sealed IS NOT NULL AND created_at < $1 LIMIT $2)";

const DROP_OLD_BYTES: &str = "
UPDATE mails SET message_box = NULL
WHERE id IN (SELECT id FROM mails WHERE message_box IS NOT NULL AND created_at < $1 LIMIT $2)";

const DELETE_OLD_CODE_MAILS: &str = "
DELETE FROM mails
WHERE id IN (SELECT id FROM mails WHERE kind = 'sign_in_code' AND created_at < $1 LIMIT $2)";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[
    INSERT,
    FIND,
    BEGIN,
    UNSEND,
    MOVE,
    DROP_CODE,
    OF_EVENT,
    DROP_OLD_CODES,
    DROP_OLD_BYTES,
    DELETE_OLD_CODE_MAILS,
];

/// A mail that is ready for the outbox: composed and encrypted before the transaction began.
#[derive(Debug, Clone)]
pub struct PreparedMail {
    /// Its id.
    pub id: MailId,
    /// The id of the job that hands it over.
    pub job_id: JobId,
    /// What it tells.
    pub kind: MailKind,
    /// The event it tells of: the id of a check, an attempt, a sign-in.
    pub event_id: String,
    /// For which brokerage, where it is for one.
    pub brokerage_id: Option<BrokerageId>,
    /// The brokerage that it is about, also where it goes to our own people.
    pub concerns: Option<BrokerageId>,
    /// The recipient's blinded address.
    pub recipient_key: Vec<u8>,
    /// The domain of that address, blinded.
    pub domain_key: Option<Vec<u8>>,
    /// The recipient's address, encrypted.
    pub recipient_box: Vec<u8>,
    /// The Message-ID; it never changes.
    pub message_id: String,
    /// The finished bytes, encrypted; of a sign-in code's mail only the browser that asked for it.
    pub message_box: Option<Vec<u8>>,
    /// The sealed code of a sign-in code's mail.
    pub code_sealed: Option<Vec<u8>>,
}

/// A mail of the outbox.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// What it tells.
    pub kind: MailKind,
    /// The event it tells of.
    pub event_id: String,
    /// For which brokerage, where it is for one.
    pub brokerage_id: Option<BrokerageId>,
    /// The recipient's address, encrypted.
    pub recipient_box: Vec<u8>,
    /// The Message-ID.
    pub message_id: String,
    /// The finished bytes, encrypted, until retention drops them; of a code's mail only the browser that asked.
    pub message_box: Option<Vec<u8>>,
    /// The sealed code, until it was sent or its time is over.
    pub code_sealed: Option<Vec<u8>>,
    /// Where it stands.
    pub state: MailState,
    /// How often the message began to leave.
    pub sends: i64,
    /// When it was written; also its Date.
    pub created_at: Instant,
    /// When its state last changed.
    pub changed_at: Instant,
}

/// How one mail of an event stands, for pages and tests.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct MailStanding {
    /// What it tells.
    pub kind: MailKind,
    /// Where it stands.
    pub state: MailState,
    /// How often the message began to leave.
    pub sends: i64,
    /// When its state last changed.
    pub changed_at: Instant,
}

impl Read {
    /// A mail of the worker's, whichever brokerage it is for.
    pub async fn mail_of_job(&mut self, id: &MailId) -> Result<Option<Mail>> {
        Ok(on!(self.tx, c => sqlx::query_as(FIND).bind(id).fetch_optional(c).await)?)
    }

    /// How the mails of one event of this brokerage stand, oldest first.
    pub async fn mails_of_event(
        &mut self,
        brokerage: &BrokerageId,
        event_id: &str,
    ) -> Result<Vec<MailStanding>> {
        Ok(on!(self.tx, c => sqlx::query_as(OF_EVENT)
            .bind(brokerage)
            .bind(event_id)
            .fetch_all(c).await)?)
    }
}

/// The first id of an event: what the mail is about.
fn about(event: &str) -> &str {
    event.split(['/', '#']).next().unwrap_or_default()
}

impl Write {
    /// Writes a mail to the outbox together with the job that hands it over. Where the same kind of mail about the
    /// same event is there for this recipient, nothing is written.
    pub async fn post_mail(&mut self, mail: &PreparedMail) -> Result<()> {
        let now = self.now();
        let written = on!(self.tx, c => sqlx::query(INSERT)
            .bind(&mail.id)
            .bind(mail.kind)
            .bind(mail.event_id.as_str())
            .bind(about(&mail.event_id))
            .bind(mail.brokerage_id.clone())
            .bind(mail.recipient_key.as_slice())
            .bind(mail.recipient_box.as_slice())
            .bind(mail.message_id.as_str())
            .bind(mail.message_box.as_deref())
            .bind(mail.code_sealed.as_deref())
            .bind(now)
            .bind(mail.concerns.clone())
            .bind(mail.domain_key.as_deref())
            .execute(c).await.map(|done| done.rows_affected()))?;
        if written == 1 {
            let job = match mail.kind {
                MailKind::SignInCode => Job::SendCode(mail.id.clone()),
                _ => Job::SendMail(mail.id.clone()),
            };
            self.enqueue(mail.job_id.clone(), &job, mail.brokerage_id.as_ref(), now).await?;
        }
        Ok(())
    }

    /// The message is about to leave: commit this before the first byte does. `false`: it is not its turn.
    pub async fn begin_mail(&mut self, id: &MailId) -> Result<bool> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(BEGIN)
            .bind(id)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Nothing left after all: the hand-over that began does not count.
    pub async fn unsend_mail(&mut self, id: &MailId) -> Result<()> {
        on!(self.tx, c => sqlx::query(UNSEND).bind(id).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Moves a mail from the state it is in; `reply_box` is what the mail server said, encrypted. `false`: it was in another state.
    pub async fn move_mail(
        &mut self,
        id: &MailId,
        from: MailState,
        to: MailState,
        reply_box: Option<&[u8]>,
    ) -> Result<bool> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(MOVE)
            .bind(id)
            .bind(to)
            .bind(reply_box)
            .bind(now)
            .bind(from)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Deletes the sealed code of a mail: it was sent, or never will be.
    pub async fn drop_code(&mut self, id: &MailId) -> Result<()> {
        on!(self.tx, c => sqlx::query(DROP_CODE).bind(id).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes up to `most` sealed codes that were written before `before`; how many went.
    pub async fn drop_old_codes(&mut self, before: Instant, most: i64) -> Result<u64> {
        self.drop_old(DROP_OLD_CODES, before, most).await
    }

    /// Deletes up to `most` mails of sign-in codes, address and all, that were written before `before`; how many went.
    pub async fn delete_old_code_mails(&mut self, before: Instant, most: i64) -> Result<u64> {
        self.drop_old(DELETE_OLD_CODE_MAILS, before, most).await
    }

    /// Deletes the bytes of up to `most` mails that were written before `before`; how many went.
    pub async fn drop_old_mail_bytes(&mut self, before: Instant, most: i64) -> Result<u64> {
        self.drop_old(DROP_OLD_BYTES, before, most).await
    }

    async fn drop_old(&mut self, text: &'static str, before: Instant, most: i64) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(text)
            .bind(before)
            .bind(most)
            .execute(c).await.map(|done| done.rows_affected()))?)
    }
}
