//! Which connection a mail is about, and the page it leads to.

use crate::domain::{
    answers::{secret_noun, secret_verb},
    audit::Checkpoint,
    brokerage::Brokerage,
    connection::Connection,
    ids::{AccessId, BrokerageId, ConnectionId},
    kind::AccessKind,
    text::{CompanyName, ConnectionName},
};

/// The path of a page of the portal, as mails link to it: letters, digits, `/`, `-` and `_`; ids in it are opaque.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePath(pub(super) String);

impl PagePath {
    /// Takes a path; `None` when it has a query, another host, or anything but the characters above.
    pub fn parse(path: &str) -> Option<Self> {
        let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_".contains(&b));
        let own = path.starts_with('/') && !path.starts_with("//");
        (plain && own && path.len() <= 200).then(|| Self(path.to_owned()))
    }

    /// The overview.
    pub fn overview() -> Self {
        Self("/overview".to_owned())
    }

    /// The page of a brokerage on the staff site.
    pub fn brokerage(id: &BrokerageId) -> Self {
        Self(format!("/brokerages/{id}"))
    }

    /// What an office asked, and what was answered.
    pub fn questions() -> Self {
        Self("/questions".to_owned())
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which submission a mail is about.
#[derive(Debug, Clone)]
pub struct Case {
    /// Whose it is.
    pub company: CompanyName,
    /// What the brokerage calls the connection.
    pub connection: ConnectionName,
    /// The attempt's reference: `LKS-0042-2`.
    pub reference: String,
    /// The number of the attempt.
    pub attempt: i64,
    /// How the mailboxes are reached.
    pub kind: AccessKind,
    /// What people read as the mail system.
    pub system: &'static str,
    /// The page that shows it and where it can be mended.
    pub page: PagePath,
    /// Whether it is about a secret that is to take the place of one that works: that one stays in use meanwhile.
    pub beside: bool,
    /// The audit's last checkpoint, in the small print: who keeps the mail is a witness of it.
    pub checkpoint: Option<Checkpoint>,
}

impl Case {
    /// The case of an attempt of a connection.
    pub fn new(brokerage: &Brokerage, connection: &Connection, attempt: i64, page: PagePath) -> Self {
        Self {
            company: brokerage.company.clone(),
            connection: connection.name.clone(),
            reference: connection.reference.of_attempt(attempt),
            attempt,
            kind: connection.kind,
            system: connection.system(),
            page,
            beside: false,
            checkpoint: None,
        }
    }

    /// The same case with the audit's last checkpoint in the small print.
    pub fn with_checkpoint(mut self, checkpoint: Option<Checkpoint>) -> Self {
        self.checkpoint = checkpoint;
        self
    }

    /// The same case about a secret that is to take the place of the one in use: its page is that of the renewal.
    pub fn renewing(mut self, connection: &ConnectionId) -> Self {
        self.beside = true;
        self.page = Self::renewal_of(connection);
        self
    }

    /// The page on which the secret of a connection is renewed.
    pub fn renewal_of(connection: &ConnectionId) -> PagePath {
        PagePath(format!("/connections/{connection}/renew"))
    }

    /// What sentences call its secret.
    pub const fn secret(&self) -> &'static str {
        secret_noun(self.kind)
    }

    /// How somebody gives it to us: "enter".
    pub const fn gives(&self) -> &'static str {
        secret_verb(self.kind)
    }

    /// The page of a connection at its usual address, `/connections/ID`.
    pub fn page_of(connection: &ConnectionId) -> PagePath {
        PagePath(format!("/connections/{connection}"))
    }

    /// The page of a request to look at a secret, the same on both sites.
    pub fn access_of(access: &AccessId) -> PagePath {
        PagePath(format!("/access/{access}"))
    }

    /// The page of all its mailboxes.
    pub fn roster_of(connection: &ConnectionId) -> PagePath {
        PagePath(format!("/connections/{connection}/mailboxes"))
    }
}
