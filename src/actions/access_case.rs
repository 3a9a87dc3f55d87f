//! What every verb about looking at a secret needs: the digests by which a row that was written past us is known, and
//! the mails, which are composed before a transaction begins.

use jiff::SignedDuration;

use super::{
    outbox,
    people::{self, Recipient},
    staff_sign_in::address_owner,
};
use crate::{
    app::App,
    domain::{
        access::{Access, Approval, Approver, REVIEW_WITHIN},
        address::MailAddress,
        duty::Duty,
        ids::{AccessId, BrokerageId, ConnectionId, LookId, PersonId, SecretId, StaffId},
        instant::Instant,
        refused::Refused,
        text::PersonName,
    },
    notify::notice::{AccessNews, AccessTold, Case, Notice, StaffCase},
    store::{PreparedMail, Read, Result as Stored, StoredAccess, StoredLook, Write},
};

/// The purpose under which the reason of a request is encrypted; the owner is the request's id.
pub(super) const WHY_BOX: &str = "access_requests.why";
/// The purpose under which the note of whoever looked an emergency over is encrypted; the owner is the request's id.
pub(super) const REVIEW_BOX: &str = "access_requests.review";

const APPROVAL: &str = "access_grants";
const LOOK: &str = "access_looks";

/// The keyed digest of an approval: whoever can write the database and has no settings key cannot make one.
pub(super) fn approval_mac(app: &App, access: &Access, approval: &Approval) -> [u8; 32] {
    with_approval(access, approval, |parts| app.vault.settings.mac(APPROVAL, parts))
}

/// Whether an approval was written by us, as it stands.
pub(super) fn approval_is_ours(app: &App, stored: &StoredAccess) -> bool {
    let (Some(approval), Some(mac)) = (&stored.access.approval, &stored.mac) else { return false };
    with_approval(&stored.access, approval, |parts| app.vault.settings.mac_fits(APPROVAL, parts, mac))
}

fn with_approval<T>(access: &Access, approval: &Approval, then: impl FnOnce(&[&[u8]]) -> T) -> T {
    let (kind, by) = match &approval.by {
        Approver::Person(person) => ("person", person.as_str()),
        Approver::Second(second) => ("second", second.as_str()),
    };
    let (at, until) = (approval.at.as_micros().to_be_bytes(), approval.until.as_micros().to_be_bytes());
    then(&[
        access.id.as_str().as_bytes(),
        access.brokerage_id.as_str().as_bytes(),
        access.connection_id.as_str().as_bytes(),
        access.attempt_id.as_str().as_bytes(),
        access.secret_id.as_str().as_bytes(),
        access.way.as_str().as_bytes(),
        access.asked_by.as_str().as_bytes(),
        kind.as_bytes(),
        by.as_bytes(),
        &at,
        &until,
    ])
}

/// One press, as its digest covers it.
pub(super) struct Press<'a> {
    pub(super) id: &'a LookId,
    pub(super) access: &'a AccessId,
    pub(super) secret: &'a SecretId,
    pub(super) staff: &'a StaffId,
    pub(super) at: Instant,
    pub(super) proven_at: Instant,
    pub(super) public_key: &'a [u8],
}

impl Press<'_> {
    /// Its keyed digest.
    pub(super) fn mac(&self, app: &App) -> [u8; 32] {
        self.with(|parts| app.vault.settings.mac(LOOK, parts))
    }

    /// Whether a press was written by us, as it stands.
    pub(super) fn is_ours(app: &App, look: &StoredLook) -> bool {
        let Some(public_key) = &look.public_key else { return false };
        let press = Press {
            id: &look.id,
            access: &look.request_id,
            secret: &look.secret_id,
            staff: &look.staff_id,
            at: look.at,
            proven_at: look.proven_at,
            public_key,
        };
        press.with(|parts| app.vault.settings.mac_fits(LOOK, parts, &look.mac))
    }

    fn with<T>(&self, then: impl FnOnce(&[&[u8]]) -> T) -> T {
        let (at, proven) = (self.at.as_micros().to_be_bytes(), self.proven_at.as_micros().to_be_bytes());
        then(&[
            self.id.as_str().as_bytes(),
            self.access.as_str().as_bytes(),
            self.secret.as_str().as_bytes(),
            self.staff.as_str().as_bytes(),
            &at,
            &proven,
            self.public_key,
        ])
    }
}

/// Whether somebody had a part in an emergency that was not looked over in time.
pub(super) async fn is_frozen(read: &mut Read, staff: &StaffId) -> Stored<bool> {
    let before = read.now().plus(-REVIEW_WITHIN);
    read.access_is_frozen(staff, before).await
}

/// For how long an approval counts.
pub(super) fn until(minutes: i64, from: Instant) -> Instant {
    from.plus(SignedDuration::from_mins(minutes))
}

/// Everybody who is told of a request, read before the transaction that tells them.
pub(super) struct Circle {
    case: Case,
    brokerage: BrokerageId,
    asker_name: String,
    asker: Option<Recipient>,
    people: Vec<(Recipient, Duty)>,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    /// Everybody of the brokerage.
    Everybody,
    /// Those who may say yes for it.
    Deciders,
    /// Whoever asked.
    Asker,
}

impl Circle {
    /// Reads it. Errs with `NotFound` when brokerage, connection or asker are not there.
    pub(super) async fn read(
        app: &App,
        read: &mut Read,
        brokerage: &BrokerageId,
        (connection, attempt): (&ConnectionId, i64),
        (access, staff): (&AccessId, &StaffId),
    ) -> Result<Self, Refused> {
        let known = read.brokerage(brokerage).await?.ok_or(Refused::NotFound)?;
        let connection = read.connection(brokerage, connection).await?.ok_or(Refused::NotFound)?;
        let checkpoint = read.last_checkpoint().await?.and_then(|row| {
            Some(crate::domain::audit::Checkpoint { seq: row.seq, hash: row.hash.try_into().ok()? })
        });
        let case = Case::new(&known, &connection, attempt, Case::access_of(access));
        let stored = read.people_of(brokerage).await?;
        let duties: Vec<Duty> = stored.iter().map(|stored| stored.person.duty).collect();
        let people = people::recipients(app, stored)?.into_iter().zip(duties).collect();
        let asker = read.staff_address(staff).await?.ok_or(Refused::NotFound)?;
        let address: Option<MailAddress> = match &asker.address_box {
            Some(sealed) => {
                let owner = address_owner(&asker.issuer, &asker.subject);
                Some(app.from_box("staff.address", &owner, sealed)?)
            }
            None => None,
        };
        let id = app.new_id(PersonId::from_random);
        let name = PersonName::from_stored(asker.name.clone());
        Ok(Self {
            case: case.with_checkpoint(checkpoint),
            brokerage: brokerage.clone(),
            asker: address.map(|address| Recipient { id, name, address }),
            asker_name: asker.name,
            people,
        })
    }

    /// The same for a request that is there.
    pub(super) async fn of(app: &App, read: &mut Read, stored: &StoredAccess) -> Result<Self, Refused> {
        let access = &stored.access;
        let attempt = (&access.connection_id, stored.number);
        Self::read(app, read, &access.brokerage_id, attempt, (&access.id, &access.asked_by)).await
    }

    /// Whether anybody of these can be told.
    pub(super) fn has(&self, to: To) -> bool {
        match to {
            To::Everybody => !self.people.is_empty(),
            To::Deciders => self.people.iter().any(|(_, duty)| duty.invites()),
            To::Asker => self.asker.is_some(),
        }
    }

    /// The duty of somebody of the brokerage, and whether whoever asked has their address.
    pub(super) fn duty_of(&self, person: &PersonId) -> Option<(Duty, bool)> {
        let (found, duty) = self.people.iter().find(|(found, _)| found.id == *person)?;
        let own = self.asker.as_ref().is_some_and(|asker| asker.address.key() == found.address.key());
        Some((*duty, own))
    }

    /// What it is about, as our own people read of it.
    pub(super) fn about(&self) -> StaffCase {
        StaffCase::from(&self.case)
    }

    /// Composes the mails; `event` is the id of what they tell of.
    pub(super) fn tell(
        &self,
        app: &App,
        to: To,
        event: &str,
        told: AccessTold,
    ) -> Result<Vec<PreparedMail>, Refused> {
        let news = AccessNews { case: self.case.clone(), asker: self.asker_name.clone(), told };
        let notice = Notice::Access(news);
        if to == To::Asker {
            return match &self.asker {
                Some(asker) => outbox::prepare_for_staff(app, &notice, event, &self.brokerage, asker),
                None => Ok(Vec::new()),
            };
        }
        let told = |(_, duty): &&(Recipient, Duty)| to == To::Everybody || duty.invites();
        let people: Vec<Recipient> =
            self.people.iter().filter(told).map(|(person, _)| person.clone()).collect();
        outbox::prepare(app, &notice, event, &self.brokerage, &people)
    }
}

/// Puts mails into the outbox.
pub(super) async fn post(write: &mut Write, mails: &[PreparedMail]) -> Stored<()> {
    for mail in mails {
        write.post_mail(mail).await?;
    }
    Ok(())
}
