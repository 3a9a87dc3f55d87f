//! The database: SQLite and PostgreSQL behind one SQL text a query.
//!
//! Each file of a table family has its texts as constants at its head, its reads on [`Read`] and its changes on
//! [`Write`]. Only `dialect` names a database. The store knows no business rule, no key and no page.

mod access;
pub mod all_brokerages;
mod attempts;
mod audit;
mod audit_chain;
mod audit_verifications;
mod brokerages;
mod checks;
mod columns;
mod connections;
mod dialect;
mod drafts;
mod dry_runs;
mod error;
mod figures;
mod form_keys;
mod guide_ticks;
mod hand_decisions;
mod health;
mod invitations;
mod jobs;
mod keepers;
mod looks;
mod mails;
mod messages;
mod names_allowed;
mod needs;
mod noes;
mod people;
mod questions;
mod rate_limits;
mod read;
mod recognitions;
mod reminders;
mod retention;
mod reviews;
mod rosters;
mod saved_views;
mod secrets;
mod sent_looks;
mod session_store;
mod sessions;
mod sign_ins;
mod staff;
mod staff_mail;
mod test_items;
mod transaction;
mod tries;
mod wake;

use std::sync::Arc;

use tokio::task::AbortHandle;

pub use access::{EndedBy, NewAccess, StaffAddress, StoredAccess};
pub use attempts::{AttemptMove, NewAttempt, StoredAttempt};
pub use audit::AuditRow;
pub use audit_chain::{CheckpointRow, Link, Outside, SealerRefusal};
pub use audit_verifications::{Verification, VerificationEnd};
pub use brokerages::{NewBrokerage, Refusal};
pub use checks::{AskedByStaff, NewCheck, NewStep, StepRow};
pub use connections::{Move, NewConnection};
pub use dialect::Standing;
pub use drafts::{Draft, Expectant};
pub use dry_runs::{NewDryRun, StoredDryRun};
pub use error::{Result, StoreError};
pub use figures::{OpenMails, Sealing};
pub use form_keys::FormAnswer;
pub use guide_ticks::{GuideTick, GuideTickOf};
pub use hand_decisions::{NewDecision, StoredDecision};
pub use invitations::{InvitedBy, NewInvitation, StoredInvitation};
pub use jobs::JobCounts;
pub use keepers::{Colleague, Keeper};
pub use looks::{LookEntry, NewLook, StoredLook};
pub use mails::{Mail, MailStanding, PreparedMail};
pub use messages::StoredMessage;
pub use names_allowed::AllowedNames;
pub use needs::Needing;
pub use people::{NewPerson, StoredPerson};
pub use questions::{NewQuestion, StoredQuestion};
pub use rate_limits::Used;
pub use read::Read;
pub use recognitions::Recognition;
pub use retention::{LeftOver, Over};
pub use reviews::NewNote;
pub use rosters::{NewRoster, NewRosterMailbox, RosterRow};
pub use saved_views::SavedView;
pub use secrets::{NewSecret, SealedSecret};
pub use sent_looks::{MaySent, NewSentLook};
pub use session_store::Sessions;
pub use sessions::{OpenSession, SESSION_IDLE, STAFF_SESSION_IDLE, SessionKey, SignedInColleague};
pub use sign_ins::{CodeMail, NewSignIn, StoredSignIn};
pub use staff::{NewStaff, StaffRow};
pub use staff_mail::{Reachable, WaitingNeed};
pub use test_items::{LeftItem, WrittenBy};
pub use transaction::{Quiet, Write};
pub use tries::Try;
pub use wake::{Topic, Wakes};

use crate::{
    clock::{Clock, Randomness},
    domain::due::WorkingHours,
};
use dialect::Pool;

/// The database of a running portal; clones share it.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    clock: Clock,
    randomness: Randomness,
    wakes: Wakes,
    hours: Arc<WorkingHours>,
    _tasks: Arc<Tasks>,
}

struct Tasks(Vec<AbortHandle>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

impl Store {
    /// Opens `sqlite:FILE` or `postgres://…`, brings it to this version and sets the audit's guards.
    ///
    /// `connections` is the size of the pool (of the readers' pool on SQLite). Errs when the database is away,
    /// newer than this version, or set up in a way that would sort or compare texts differently.
    pub async fn open(url: &str, connections: u32, clock: Clock, randomness: Randomness) -> Result<Self> {
        let pool = Pool::open(url, connections).await?;
        let (wakes, told) = Wakes::new(clock.clone());
        let tasks = [
            tokio::spawn(wake::tell_others(pool.clone(), told)).abort_handle(),
            tokio::spawn(wake::hear_others(pool.clone(), wakes.clone())).abort_handle(),
        ];
        Ok(Self {
            pool,
            clock,
            randomness,
            wakes,
            hours: Arc::default(),
            _tasks: Arc::new(Tasks(tasks.into())),
        })
    }

    /// Opens a database as it stands, only to look: nothing is made, migrated or written, and nobody is listened to.
    ///
    /// Errs when it is away or not there; one that an older version made can be looked at.
    pub async fn open_to_look(url: &str, clock: Clock, randomness: Randomness) -> Result<Self> {
        let pool = Pool::open_to_look(url).await?;
        let (wakes, _) = Wakes::new(clock.clone());
        Ok(Self {
            pool,
            clock,
            randomness,
            wakes,
            hours: Arc::default(),
            _tasks: Arc::new(Tasks(Vec::new())),
        })
    }

    /// The same where our people work at these hours: by them it is counted when something is due.
    pub fn with_hours(self, hours: WorkingHours) -> Self {
        Self { hours: Arc::new(hours), ..self }
    }

    /// The hours in which our people work.
    pub fn hours(&self) -> &WorkingHours {
        &self.hours
    }

    /// How the database stands to this version.
    pub async fn standing(&self) -> Result<Standing> {
        self.pool.standing().await
    }

    /// Begins to read.
    pub async fn read(&self) -> Result<Read> {
        Ok(Read { tx: self.pool.begin_read().await?, clock: self.clock.clone() })
    }

    /// Begins to write. No network and no cryptography while it is open: on SQLite everybody else waits.
    pub async fn write(&self) -> Result<Write> {
        let tx = self.pool.begin_write().await?;
        let hours = Arc::clone(&self.hours);
        Ok(Write::new(tx, self.clock.clone(), self.randomness.clone(), self.wakes.clone(), hours))
    }

    /// Where changes are told.
    pub fn wakes(&self) -> &Wakes {
        &self.wakes
    }

    /// What the database calls itself; also the probe of readiness.
    pub async fn version(&self) -> Result<String> {
        self.pool.version().await
    }

    /// Ends all connections; what is under way is ended first.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Has the database understand every text of this room, without running any; errs with the first it does not.
    pub async fn prepare_all(&self) -> Result<()> {
        for texts in [
            access::TEXTS,
            attempts::TEXTS,
            audit::TEXTS,
            audit_chain::TEXTS,
            audit_verifications::TEXTS,
            brokerages::TEXTS,
            checks::TEXTS,
            connections::TEXTS,
            drafts::TEXTS,
            dry_runs::TEXTS,
            figures::TEXTS,
            form_keys::TEXTS,
            guide_ticks::TEXTS,
            health::TEXTS,
            invitations::TEXTS,
            jobs::TEXTS,
            keepers::TEXTS,
            looks::TEXTS,
            mails::TEXTS,
            names_allowed::TEXTS,
            needs::TEXTS,
            noes::TEXTS,
            people::TEXTS,
            messages::TEXTS,
            questions::TEXTS,
            hand_decisions::TEXTS,
            rate_limits::TEXTS,
            recognitions::TEXTS,
            reminders::TEXTS,
            retention::TEXTS,
            reviews::TEXTS,
            rosters::TEXTS,
            saved_views::TEXTS,
            secrets::TEXTS,
            sent_looks::TEXTS,
            sessions::TEXTS,
            sign_ins::TEXTS,
            staff::TEXTS,
            staff_mail::TEXTS,
            test_items::TEXTS,
            tries::TEXTS,
        ] {
            self.pool.prepare(texts).await?;
        }
        for texts in all_brokerages::TEXTS {
            self.pool.prepare(texts).await?;
        }
        Ok(())
    }
}
