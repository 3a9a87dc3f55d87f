//! Brings what is written of a connection's needs into line with how it stands, in the transaction that changed it. So
//! the queue reads what it shows and works nothing out.

use crate::{
    domain::{ids::ConnectionId, review::NeedRule},
    store::{Result, Write},
};

/// What becomes of the need that only an event tells, and no row: a job that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parked {
    /// A job of the connection is given up now.
    Now,
    /// It moved on: whatever was given up before is over.
    Over,
    /// Nothing changed about it.
    AsBefore,
}

/// Settles the needs after a change of state, of a verdict or of the brokerage.
pub(super) async fn settle(write: &mut Write, connection: &ConnectionId, parked: Parked) -> Result<()> {
    let Some(mut needing) = write.needing(connection).await? else { return Ok(()) };
    match parked {
        Parked::Now => needing.standing.parked = true,
        Parked::Over => needing.standing.parked = false,
        Parked::AsBefore => {}
    }
    let wanted = needing.standing.needs();
    change(write, connection, &needing.written, &wanted).await
}

/// Opens or closes a colleague's question.
pub(super) async fn settle_question(write: &mut Write, connection: &ConnectionId, asked: bool) -> Result<()> {
    let Some(mut needing) = write.needing(connection).await? else { return Ok(()) };
    needing.standing.asked = asked;
    let wanted = needing.standing.needs();
    change(write, connection, &needing.written, &wanted).await
}

async fn change(
    write: &mut Write,
    connection: &ConnectionId,
    written: &[NeedRule],
    wanted: &[NeedRule],
) -> Result<()> {
    let without = |these: &[NeedRule], those: &[NeedRule]| -> Vec<NeedRule> {
        these.iter().copied().filter(|rule| !those.contains(rule)).collect()
    };
    let (begun, over) = (without(wanted, written), without(written, wanted));
    if begun.is_empty() && over.is_empty() {
        return Ok(());
    }
    write.change_needs(connection, &begun, &over).await
}
