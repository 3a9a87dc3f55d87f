//! Sign-ins that wait for their code, and those that were proven and wait for a name.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    address::MailDomain,
    code::End,
    ids::{PersonId, SignInId},
    instant::Instant,
};

const SUPERSEDE: &str = "
UPDATE sign_ins SET ended_at = $3, ended_by = 'newer'
WHERE browser_hash IN ($1, $2) AND ended_at IS NULL";

const INSERT: &str = "
INSERT INTO sign_ins (id, browser_hash, address_key, address_box, mail_domain, code_mac, tries_left, created_at, expires_at,
    by_invitation)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

// An overtaken one comes last: two may have been asked for in the same microsecond of a clock that stands.
const FIND: &str = "
SELECT id, address_key, address_box, mail_domain, code_mac, tries_left, created_at, expires_at, proven_at, ended_at,
       ended_by, person_id, by_invitation
FROM sign_ins
WHERE browser_hash = $1
ORDER BY CASE WHEN ended_by = 'newer' THEN 1 ELSE 0 END, created_at DESC, id
LIMIT 1";

const FIND_BY_ID: &str = "
SELECT id, address_key, address_box, mail_domain, code_mac, tries_left, created_at, expires_at, proven_at, ended_at,
       ended_by, person_id, by_invitation
FROM sign_ins
WHERE id = $1";

const USE_TRY: &str = "
UPDATE sign_ins SET tries_left = CASE WHEN tries_left - 1 < $2 THEN tries_left - 1 ELSE $2 END
WHERE id = $1 AND tries_left > 0
  AND ((ended_at IS NULL AND proven_at IS NULL AND expires_at > $3) OR (ended_by = 'known' AND ended_at > $4))
RETURNING tries_left";

const PROVE: &str = "
UPDATE sign_ins SET proven_at = $2
WHERE id = $1 AND tries_left > 0 AND proven_at IS NULL AND ended_at IS NULL AND expires_at > $2";

const END: &str = "
UPDATE sign_ins SET ended_at = $2, ended_by = $3
WHERE id = $1 AND ended_at IS NULL AND proven_at > $4";

const OWN: &str = "UPDATE sign_ins SET person_id = $2 WHERE id = $1";

const FORGET: &str = "
UPDATE sign_ins SET ended_by = 'sign_out'
WHERE person_id = $1 AND ended_at IS NOT NULL";

const MAIL: &str = "
SELECT m.state, m.changed_at, j.run_at
FROM mails m
LEFT JOIN jobs j ON j.kind = 'send_code' AND j.subject = m.id AND j.done_at IS NULL AND j.parked_at IS NULL
WHERE m.kind = 'sign_in_code' AND m.event_id = $1
LIMIT 1";

const DELETE_OLD: &str = "
DELETE FROM sign_ins
WHERE id IN (SELECT id FROM sign_ins WHERE expires_at < $1 LIMIT $2)";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] =
    &[SUPERSEDE, INSERT, FIND, FIND_BY_ID, USE_TRY, PROVE, END, OWN, FORGET, MAIL, DELETE_OLD];

/// A sign-in that is about to be written.
#[derive(Debug, Clone)]
pub struct NewSignIn {
    /// Its id.
    pub id: SignInId,
    /// The blinded value of the browser's cookie.
    pub browser_hash: Vec<u8>,
    /// The blinded value of the cookie that the same browser had before, or the same again.
    pub older_hash: Vec<u8>,
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
    /// Whether the link of an invitation led to it, and nobody typed the address.
    pub by_invitation: bool,
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
    /// When it was used up or overtaken.
    pub ended_at: Option<Instant>,
    /// How it ended.
    pub ended_by: Option<End>,
    /// Whom it signed in.
    pub person_id: Option<PersonId>,
    /// Whether the link of an invitation led to it, and nobody typed the address.
    pub by_invitation: bool,
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

    /// A sign-in as it is now.
    pub async fn sign_in(&mut self, id: &SignInId) -> Result<Option<StoredSignIn>> {
        Ok(on!(self.tx, c => sqlx::query_as(FIND_BY_ID).bind(id).fetch_optional(c).await)?)
    }

    /// How the mail with the code stands; `None` once retention took it.
    pub async fn code_mail(&mut self, id: &SignInId) -> Result<Option<CodeMail>> {
        Ok(on!(self.tx, c => sqlx::query_as(MAIL).bind(id).fetch_optional(c).await)?)
    }
}

impl Write {
    /// Writes a new sign-in; older ones of the same browser end, so that the newest code is the one that counts.
    pub async fn insert_sign_in(&mut self, new: &NewSignIn) -> Result<()> {
        let (browser, older) = (new.browser_hash.as_slice(), new.older_hash.as_slice());
        on!(self.tx, c => sqlx::query(SUPERSEDE)
            .bind(browser)
            .bind(older)
            .bind(new.created_at)
            .execute(c).await.map(|_| ()))?;
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
            .bind(new.by_invitation)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Takes one of the tries, and leaves at most so many; gives how many are left now. `None` when the code cannot
    /// be tried: its time is over, none was left, or it was used before `used_since`.
    pub async fn use_sign_in_try(
        &mut self,
        id: &SignInId,
        most_left: i64,
        now: Instant,
        used_since: Instant,
    ) -> Result<Option<i64>> {
        let row: Option<(i64,)> = on!(self.tx, c => sqlx::query_as(USE_TRY)
            .bind(id)
            .bind(most_left)
            .bind(now)
            .bind(used_since)
            .fetch_optional(c).await)?;
        Ok(row.map(|(left,)| left))
    }

    /// Notes that the code was proven; `false` when it was before, or cannot be any more.
    pub async fn prove_sign_in(&mut self, id: &SignInId, now: Instant) -> Result<bool> {
        let moved = on!(self.tx, c => sqlx::query(PROVE).bind(id).bind(now).execute(c).await.map(|d| d.rows_affected()))?;
        Ok(moved == 1)
    }

    /// Ends a sign-in that was proven after `proven_since`; `false` when it had ended before, or was not.
    pub async fn end_sign_in(
        &mut self,
        id: &SignInId,
        by: End,
        now: Instant,
        proven_since: Instant,
    ) -> Result<bool> {
        let moved = on!(self.tx, c => sqlx::query(END)
            .bind(id)
            .bind(now)
            .bind(by)
            .bind(proven_since)
            .execute(c).await.map(|d| d.rows_affected()))?;
        Ok(moved == 1)
    }

    /// Notes whom a sign-in signed in.
    pub async fn own_sign_in(&mut self, id: &SignInId, person: &PersonId) -> Result<()> {
        on!(self.tx, c => sqlx::query(OWN).bind(id).bind(person).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// A person has signed out: none of their spent codes signs in again.
    pub async fn forget_sign_ins(&mut self, person: &PersonId) -> Result<()> {
        on!(self.tx, c => sqlx::query(FORGET).bind(person).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes sign-ins whose code ended before a point in time, at most so many; gives how many.
    pub async fn delete_old_sign_ins(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(
            on!(self.tx, c => sqlx::query(DELETE_OLD).bind(before).bind(most).execute(c).await.map(|d| d.rows_affected()))?,
        )
    }
}
