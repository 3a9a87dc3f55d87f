//! Mails that stay in memory: tests read them, and say what the next one shall meet.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::outgoing::{Accepted, Outgoing, SendError};
use crate::domain::{address::MailAddress, ids::MailId, mail::MailKind};

/// A message that was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its row of the outbox.
    pub id: MailId,
    /// What it tells.
    pub kind: MailKind,
    /// The envelope's sender.
    pub from: String,
    /// The recipient.
    pub to: MailAddress,
    /// The bytes.
    pub message: Vec<u8>,
}

/// The store of sent mails; clones share it.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    sent: Vec<Sent>,
    planned: VecDeque<SendError>,
}

impl Memory {
    /// Every mail so far, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    /// What the next send meets; several are met in order. After [`SendError::Uncertain`] the mail is kept all the
    /// same: that is what makes it uncertain.
    pub fn plan(&self, error: SendError) {
        self.lock().planned.push_back(error);
    }

    pub(super) fn send(&self, mail: Outgoing<'_>) -> Result<Accepted, SendError> {
        let mut memory = self.lock();
        let planned = memory.planned.pop_front();
        if matches!(planned, None | Some(SendError::Uncertain(_))) {
            memory.sent.push(Sent {
                id: mail.id.clone(),
                kind: mail.kind,
                from: mail.from.to_owned(),
                to: mail.to.clone(),
                message: mail.message.to_vec(),
            });
        }
        planned.map_or_else(|| Ok(Accepted { reply: "kept in memory".into() }), Err)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
