//! Sign-ins that wait for their code, and those that were proven and wait for a name.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{address::MailDomain, ids::SignInId, instant::Instant};

const SUPERSEDE: &str = "
UPDATE sign_ins SET ended_at = $2
WHERE browser_hash = $1 AND ended_at IS NULL";

const INSERT: &str = "
INSERT INTO sign_ins (id, browser_hash, address_key, address_box, mail_domain, code_mac, tries_left, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const FIND: &str = "
SELECT id, address_key, address_box, mail_domain, code_mac, tries_left, created_at, expires_at, proven_at, ended_at
FROM sign_ins
WHERE browser_hash = $1
ORDER BY created_at DESC, id
LIMIT 1";

const USE_TRY: &str = "
UPDATE sign_ins SET tries_left = tries_left - 1
WHERE id = $1 AND tries_left > 0 AND proven_at IS NULL AND ended_at IS NULL AND expires_at > $2";

const PROVE: &str = "
UPDATE sign_ins SET proven_at = $2
WHERE id = $1 AND proven_at IS NULL AND ended_at IS NULL";

const END: &str = "
UPDATE sign_ins SET ended_at = $2
WHERE id = $1 AND ended_at IS NULL";

const MAIL: &str = "
SELECT m.state, m.changed_at, j.run_at
FROM mails m
LEFT JOIN jobs j ON j.kind = 'send_mail' AND j.subject = m.id AND j.done_at IS NULL AND j.parked_at IS NULL
WHERE m.kind = 'sign_in_code' AND m.event_id = $1
LIMIT 1";

const DELETE_OLD: &str = "
DELETE FROM sign_ins
WHERE id IN (SELECT id FROM sign_ins WHERE expires_at < $1 LIMIT $2)";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[SUPERSEDE, INSERT, FIND, USE_TRY, PROVE, END, MAIL, DELETE_OLD];

/// A sign-in that is about to be written.
#[derive(Debug, Clone)]
pub struct NewSignIn {
    /// Its id.
    pub id: SignInId,
    /// The blinded value of the browser's cookie.
    pub browser_hash: Vec<u8>,
    /// The blinded address.
    pub address_key: Vec<u8>,
    /// The address, encrypted.
    pub address_box: Vec<u8>,
    /// The domain of the address.
    pub mail_domain: MailDomain,
    /// The keyed digest over cookie and code.
    pub code_mac: Vec<u8>,
    /// How many codes may be tried.
    pub tries: i64,
    /// When it was asked for, by the shared clock.
    pub created_at: Instant,
    /// When the code ends, by the shared clock.
    pub expires_at: Instant,
}

/// A sign-in as it stands.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StoredSignIn {
    /// Its id.
    pub id: SignInId,
    /// The blinded address.
    pub address_key: Vec<u8>,
    /// The address, encrypted.
    pub address_box: Vec<u8>,
    /// The domain of the address.
    pub mail_domain: MailDomain,
    /// The keyed digest over cookie and code.
    pub code_mac: Vec<u8>,
    /// How many codes may still be tried.
    pub tries_left: i64,
    /// When it was asked for.
    pub created_at: Instant,
    /// When the code ends.
    pub expires_at: Instant,
    /// When the code was proven.
    pub proven_at: Option<Instant>,
    /// When it was used up, overtaken or given up.
    pub ended_at: Option<Instant>,
}

/// How the mail with the code stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CodeMail {
    /// The state's word.
    pub state: String,
    /// Since when.
    pub changed_at: Instant,
    /// When it is tried next, while it waits.
    pub run_at: Option<Instant>,
}

impl Read {
    /// The newest sign-in of a browser.
    pub async fn sign_in_of(&mut self, browser_hash: &[u8]) -> Result<Option<StoredSignIn>> {
        Ok(on!(self.tx, c => sqlx::query_as(FIND).bind(browser_hash).fetch_optional(c).await)?)
    }

    /// How the mail with the code stands; `None` once retention took it.
    pub async fn code_mail(&mut self, id: &SignInId) -> Result<Option<CodeMail>> {
        Ok(on!(self.tx, c => sqlx::query_as(MAIL).bind(id).fetch_optional(c).await)?)
    }
}

impl Write {
    /// Writes a new sign-in; an older one of the same browser ends, so that the newest code is the one that counts.
    pub async fn insert_sign_in(&mut self, new: &NewSignIn) -> Result<()> {
        let browser = new.browser_hash.as_slice();
        on!(self.tx, c => sqlx::query(SUPERSEDE).bind(browser).bind(new.created_at).execute(c).await.map(|_| ()))?;
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(&new.id)
            .bind(browser)
            .bind(new.address_key.as_slice())
            .bind(new.address_box.as_slice())
            .bind(&new.mail_domain)
            .bind(new.code_mac.as_slice())
            .bind(new.tries)
            .bind(new.created_at)
            .bind(new.expires_at)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Takes one of the tries; `false` when none is left or the code's time is over.
    pub async fn use_sign_in_try(&mut self, id: &SignInId, now: Instant) -> Result<bool> {
        let moved = on!(self.tx, c => sqlx::query(USE_TRY).bind(id).bind(now).execute(c).await.map(|d| d.rows_affected()))?;
        Ok(moved == 1)
    }

    /// Notes that the code was proven; `false` when that had happened before.
    pub async fn prove_sign_in(&mut self, id: &SignInId, now: Instant) -> Result<bool> {
        let moved = on!(self.tx, c => sqlx::query(PROVE).bind(id).bind(now).execute(c).await.map(|d| d.rows_affected()))?;
        Ok(moved == 1)
    }

    /// Ends a sign-in; `false` when it had ended before.
    pub async fn end_sign_in(&mut self, id: &SignInId, now: Instant) -> Result<bool> {
        let moved = on!(self.tx, c => sqlx::query(END).bind(id).bind(now).execute(c).await.map(|d| d.rows_affected()))?;
        Ok(moved == 1)
    }

    /// Deletes sign-ins whose code ended before a point in time, at most so many; gives how many.
    pub async fn delete_old_sign_ins(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(
            on!(self.tx, c => sqlx::query(DELETE_OLD).bind(before).bind(most).execute(c).await.map(|d| d.rows_affected()))?,
        )
    }
}
