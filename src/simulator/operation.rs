//! What a request is about: the name under which faults are planned and the log is read.

use serde::{Deserialize, Serialize};

/// One kind of call to one of the simulated services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Instance discovery, which some token clients ask for first.
    Instances,
    /// The OpenID configuration of a tenant.
    Discovery,
    /// The signing keys of a tenant.
    Keys,
    /// A token request.
    Token,
    /// A user read from the directory.
    User,
    /// Mailbox settings read.
    MailboxSettings,
    /// Contacts listed.
    ContactsList,
    /// One contact read.
    ContactRead,
    /// A contact created.
    ContactCreate,
    /// A contact deleted.
    ContactDelete,
    /// Contact changes read.
    ContactsDelta,
    /// A calendar itself read: whose it is.
    CalendarRead,
    /// A calendar window read.
    CalendarView,
    /// One event read.
    EventRead,
    /// An event created.
    EventCreate,
    /// An event deleted.
    EventDelete,
    /// A message sent, or the attempt.
    SendMail,
    /// Autodiscover in XML.
    Autodiscover,
    /// Autodiscover in JSON.
    AutodiscoverJson,
    /// Every EWS call; as a target of faults only.
    Ews,
    /// Time zones of the server, which needs a login and no mailbox.
    EwsTimeZones,
    /// The day a password ends.
    EwsPasswordExpiry,
    /// Folders read.
    EwsGetFolder,
    /// Folders looked for.
    EwsFindFolder,
    /// Changes of a folder read.
    EwsSync,
    /// Items looked for.
    EwsFindItem,
    /// Items read.
    EwsGetItem,
    /// An item created.
    EwsCreateItem,
    /// Items deleted.
    EwsDeleteItem,
    /// Ids turned from one form into another.
    EwsConvertId,
    /// People looked for.
    EwsResolveNames,
    /// An EWS call of another name, or none that can be read.
    EwsOther,
    /// Anything else.
    Other,
}

impl Operation {
    /// Is a request of the operation `what` hit by a fault that is planned for this one?
    pub(crate) fn covers(self, what: Operation) -> bool {
        use Operation::*;
        let ews = matches!(
            what,
            EwsTimeZones
                | EwsPasswordExpiry
                | EwsGetFolder
                | EwsFindFolder
                | EwsSync
                | EwsFindItem
                | EwsGetItem
                | EwsCreateItem
                | EwsDeleteItem
                | EwsConvertId
                | EwsResolveNames
                | EwsOther
        );
        self == what || (self == Ews && ews)
    }
}
