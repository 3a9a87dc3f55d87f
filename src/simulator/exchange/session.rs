//! A call that has been let in: in whose mailbox it works, and what it may do there.

use std::sync::Arc;

use roxmltree::Node;

use super::asked::text;
use super::said::{Problem, Refused};
use crate::simulator::world::live::World;
use crate::simulator::world::mailbox::Mailbox;
use crate::simulator::world::tenant::Tenant;

/// A call that has been let in.
pub(crate) struct Session<'a> {
    pub(crate) world: &'a World,
    pub(crate) tenant: Arc<Tenant>,
    /// The mailbox worked in; none for an account that has none.
    pub(crate) address: Option<String>,
    /// May it be written to?
    pub(crate) writes: bool,
    /// Is it full?
    pub(crate) full: bool,
}

impl<'a> Session<'a> {
    pub(crate) fn new(world: &'a World, tenant: Arc<Tenant>, mailbox: Option<&str>) -> Session<'a> {
        let rules = mailbox.and_then(|name| tenant.mailbox(&tenant.address(name)).cloned());
        let read_only = tenant.server.as_ref().is_some_and(|server| {
            server.script.read_only.iter().any(|local| Some(local.as_str()) == mailbox)
        });
        Session {
            world,
            address: mailbox.map(|name| tenant.address(name)),
            writes: !read_only,
            full: rules.is_some_and(|rules| rules.full),
            tenant,
        }
    }

    /// The address of the mailbox; an account without one is refused.
    pub(crate) fn address(&self) -> Result<&str, Refused> {
        self.address.as_deref().ok_or_else(|| {
            let text = "When making a request as an account that does not have a mailbox, you must specify the \
                        mailbox primary SMTP address for any distinguished folder Ids.";
            Refused::new("ErrorMissingEmailAddress", text)
        })
    }

    /// Works on what is in the mailbox.
    pub(crate) fn open<T>(&self, work: impl FnOnce(&mut Mailbox) -> T) -> Result<T, Refused> {
        let address = self.address()?.to_owned();
        Ok(self.world.with_mailbox(&self.tenant, &address, work))
    }

    /// A folder id may name another mailbox, and that one is closed to everybody here.
    pub(crate) fn same_mailbox(&self, folder: Node<'a, 'a>) -> Result<(), Problem> {
        let mailbox = super::asked::types(folder, "Mailbox");
        let other = mailbox.and_then(|mailbox| text(mailbox, "EmailAddress"));
        let own = self.address.as_deref().unwrap_or_default();
        match other {
            Some(other) if !other.eq_ignore_ascii_case(own) => Err(Problem::denied()),
            _ => Ok(()),
        }
    }

    /// Refuses where nothing may be written.
    pub(crate) fn may_write(&self) -> Result<(), Problem> {
        if !self.writes {
            let text = "Access is denied. Only folder owners may modify folder contents.";
            return Err(Problem::new("ErrorCreateItemAccessDenied", text));
        }
        if self.full {
            let text = "The mailbox has exceeded its storage quota.";
            return Err(Problem::new("ErrorQuotaExceeded", text));
        }
        Ok(())
    }
}
