//! For whom a caller acts: the identity a request names, and whether role groups let the caller be it.

use roxmltree::Node;

use super::said::Refused;
use crate::simulator::world::script::{MailboxScript, Place};
use crate::simulator::world::tenant::{Server, Tenant};

/// The mailbox of the identity that a request names.
pub(crate) fn mailbox<'a>(
    impersonation: Node<'_, '_>,
    tenant: &'a Tenant,
) -> Result<&'a MailboxScript, Refused> {
    let sid = impersonation.children().find(|node| node.tag_name().name() == "ConnectingSID");
    let identity = sid.and_then(|sid| sid.first_element_child());
    let malformed = || {
        let text = "The ExchangeImpersonation header of the request is malformed.";
        Refused::new("ErrorInvalidExchangeImpersonationHeaderData", text)
    };
    let identity = identity.ok_or_else(malformed)?;
    let words = identity.text().unwrap_or_default().trim();
    if words.is_empty() {
        return Err(malformed());
    }
    let here = |mailbox: &&MailboxScript| mailbox.place == Place::Cloud;
    let found = tenant.mailbox(words).filter(here);
    match identity.tag_name().name() {
        "PrimarySmtpAddress" | "SmtpAddress" if !words.contains('@') => {
            Err(Refused::new("ErrorInvalidSmtpAddress", "The SMTP address format is invalid."))
        }
        "PrimarySmtpAddress" => found.ok_or_else(no_mailbox),
        "SmtpAddress" => found.or_else(|| tenant.mailbox_of_alias(words).filter(here)).ok_or_else(no_mailbox),
        "PrincipalName" => found.ok_or_else(|| {
            Refused::new("ErrorInvalidUserPrincipalName", "The user principal name (UPN) is invalid.")
        }),
        "SID" => Err(Refused::new("ErrorInvalidUserSid", "The user SID is invalid.")),
        _ => Err(malformed()),
    }
}

/// What is said of an address that is nobody's.
pub(crate) fn no_mailbox() -> Refused {
    Refused::new("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.")
}

/// May this account of the office be that mailbox?
pub(crate) fn allowed(server: &Server, account: &str, mailbox: &str) -> Result<(), Refused> {
    if server.may_act(account, mailbox) {
        return Ok(());
    }
    let text = "The account does not have permission to impersonate the requested user.";
    Err(Refused::new("ErrorImpersonateUserDenied", text))
}
