//! Jobs: what is done after the answer. They carry ids, not data, and may be repeated without harm.

use super::{
    ids::{
        AttemptId, BrokerageId, CheckId, ConnectionId, DraftId, JobId, LookId, MailId, RecognitionId,
        RosterId, VerificationId,
    },
    instant::Instant,
};

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Runs a check.
    RunCheck(CheckId),
    /// Makes the key pair and the certificate that a draft waits for.
    MakeCertificate(DraftId),
    /// Checks the mailboxes of a roster that have no result yet.
    CheckRoster(RosterId),
    /// Looks which mail system a domain has.
    RecogniseDomain(RecognitionId),
    /// Hands a mail to the mail server.
    SendMail(MailId),
    /// Hands the mail of a sign-in code to the mail server: somebody waits for it, so it does not queue behind others.
    SendCode(MailId),
    /// Removes what a check left in a test mailbox.
    ClearMailbox(CheckId),
    /// Reminds of the last day of an attempt's secret.
    Remind(AttemptId),
    /// Takes a connection back into the queue that was put off.
    ReturnItem(ConnectionId),
    /// Opens a secret for the one of our people who pressed, and seals it to their process.
    Reveal(LookId),
    /// Looks through the whole audit for what was changed.
    VerifyAudit(VerificationId),
    /// Writes to our own people about what has come to the queue, and what is overdue there.
    TellStaff,
    /// Writes to our own people once a day about all that waits.
    DailyMail,
    /// Deletes what its time is over for: codes, drafts, form keys, done jobs.
    Sweep,
}

impl Job {
    /// The word in the table. A worker leaves words it does not know alone.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RunCheck(_) => "run_check",
            Self::MakeCertificate(_) => "make_certificate",
            Self::CheckRoster(_) => "check_roster",
            Self::ClearMailbox(_) => "clear_mailbox",
            Self::RecogniseDomain(_) => "recognise_domain",
            Self::SendMail(_) => "send_mail",
            Self::SendCode(_) => "send_code",
            Self::Remind(_) => "remind",
            Self::ReturnItem(_) => "return_item",
            Self::Reveal(_) => "reveal",
            Self::VerifyAudit(_) => "verify_audit",
            Self::TellStaff => "tell_staff",
            Self::DailyMail => "daily_mail",
            Self::Sweep => "sweep",
        }
    }

    /// The words of every kind this version can do, for the claim.
    pub const KINDS: &[&str] = &[
        "run_check",
        "clear_mailbox",
        "make_certificate",
        "check_roster",
        "recognise_domain",
        "send_mail",
        "send_code",
        "remind",
        "return_item",
        "reveal",
        "verify_audit",
        "tell_staff",
        "daily_mail",
        "sweep",
    ];

    /// What it is about.
    pub fn subject(&self) -> &str {
        match self {
            Self::RunCheck(check) | Self::ClearMailbox(check) => check.as_str(),
            Self::MakeCertificate(draft) => draft.as_str(),
            Self::CheckRoster(roster) => roster.as_str(),
            Self::RecogniseDomain(recognition) => recognition.as_str(),
            Self::SendMail(mail) | Self::SendCode(mail) => mail.as_str(),
            Self::Remind(attempt) => attempt.as_str(),
            Self::ReturnItem(connection) => connection.as_str(),
            Self::Reveal(look) => look.as_str(),
            Self::VerifyAudit(verification) => verification.as_str(),
            Self::TellStaff => "tell_staff",
            Self::DailyMail => "daily_mail",
            Self::Sweep => "sweep",
        }
    }

    /// Reads kind and subject from a table; `None` when this version knows no such job.
    pub fn parse(kind: &str, subject: &str) -> Option<Self> {
        match kind {
            "run_check" => CheckId::parse(subject).ok().map(Self::RunCheck),
            "make_certificate" => DraftId::parse(subject).ok().map(Self::MakeCertificate),
            "check_roster" => RosterId::parse(subject).ok().map(Self::CheckRoster),
            "clear_mailbox" => CheckId::parse(subject).ok().map(Self::ClearMailbox),
            "recognise_domain" => RecognitionId::parse(subject).ok().map(Self::RecogniseDomain),
            "send_mail" => MailId::parse(subject).ok().map(Self::SendMail),
            "send_code" => MailId::parse(subject).ok().map(Self::SendCode),
            "remind" => AttemptId::parse(subject).ok().map(Self::Remind),
            "return_item" => ConnectionId::parse(subject).ok().map(Self::ReturnItem),
            "reveal" => LookId::parse(subject).ok().map(Self::Reveal),
            "verify_audit" => VerificationId::parse(subject).ok().map(Self::VerifyAudit),
            "tell_staff" => Some(Self::TellStaff),
            "daily_mail" => Some(Self::DailyMail),
            "sweep" => Some(Self::Sweep),
            _ => None,
        }
    }
}

/// A job that was claimed: only the holder of the token may end it.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The row.
    pub id: JobId,
    /// What to do.
    pub job: Job,
    /// For whom, where it is for one brokerage.
    pub brokerage_id: Option<BrokerageId>,
    /// When it was written.
    pub created_at: Instant,
    /// How often it was tried before and given back.
    pub attempts: i64,
    /// How often whoever held it was lost with it.
    pub crashes: i64,
    /// Why it was given back last.
    pub last_error: Option<String>,
    /// The token of this lease.
    pub lease_token: [u8; 16],
    /// When the lease ends, by the database's clock.
    pub lease_until: Instant,
}
