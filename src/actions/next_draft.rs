//! The draft that follows when an attempt ends without a verdict of its own: withdrawn, or its connection closed and
//! taken up again. What is not secret is carried over.

use crate::{
    app::App,
    domain::{
        answers::Answers,
        attempt::Attempt,
        connection::Connection,
        ids::{BrokerageId, ConnectionId, DraftId},
        refused::Refused,
        renewal::Renewal,
    },
    store::{Read, Write},
};

use super::{
    draft::{ANSWERS_BOX, open_settings},
    make_certificate::ask,
};

/// A draft on its way into the table, made before the transaction begins.
pub(super) struct NextDraft {
    id: DraftId,
    /// The attempt that it is for.
    number: i64,
    answers_box: Vec<u8>,
}

impl NextDraft {
    /// Prepares it; `None` where nothing was submitted yet, so that there is nothing to carry over.
    pub(super) async fn prepare(
        app: &App,
        read: &mut Read,
        connection: &Connection,
    ) -> Result<Option<Self>, Refused> {
        let attempts = read.attempts_of(&connection.brokerage_id, &connection.id).await?;
        let Some(last) = attempts.last() else { return Ok(None) };
        let settings = open_settings(app, &last.attempt.id, &last.settings_box)?;
        let number = last.attempt.number + 1;
        let answers = Answers::after(&settings, number, Renewal::after_id(last.attempt.cause.as_ref()))
            .with_mailbox_used(last.attempt.mailbox_used);
        Ok(Some(Self {
            id: app.new_id(DraftId::from_random),
            number,
            answers_box: app.to_box(ANSWERS_BOX, connection.id.as_str(), answers.to_stored())?,
        }))
    }

    /// Writes it, unless a draft is there or another attempt was submitted meanwhile.
    pub(super) async fn write(
        &self,
        app: &App,
        write: &mut Write,
        connection: &Connection,
    ) -> Result<(), Refused> {
        let brokerage = &connection.brokerage_id;
        let number = write.next_attempt_number(brokerage, &connection.id).await?;
        if number != self.number || write.draft(brokerage, &connection.id).await?.is_some() {
            return Ok(());
        }
        write.insert_draft(&self.id, brokerage, &connection.id, number, &self.answers_box).await?;
        ask(app, write, connection.kind, brokerage, &self.id).await
    }
}

/// Deletes the draft of a connection with its secret; whether there was one.
pub(super) async fn drop_draft(
    write: &mut Write,
    brokerage: &BrokerageId,
    connection: &ConnectionId,
) -> Result<bool, Refused> {
    let Some(draft) = write.draft(brokerage, connection).await? else { return Ok(false) };
    write.delete_draft(brokerage, &draft.id, draft.version).await?;
    if let Some(secret) = &draft.secret_id {
        write.delete_secret(brokerage, secret).await?;
    }
    Ok(true)
}

/// Deletes the secret of an attempt that ended, unless a check works with it at this moment or has to remove what it
/// left in a mailbox: then retention deletes it as soon as that is over.
pub(super) async fn drop_secret(write: &mut Write, attempt: &Attempt) -> Result<bool, Refused> {
    let Some(secret) = &attempt.secret_id else { return Ok(false) };
    if write.secret_is_at_work(&attempt.id).await? {
        return Ok(false);
    }
    write.forget_secret(&attempt.brokerage_id, &attempt.id, secret).await?;
    Ok(true)
}
