//! One of our people takes an invitation back that nobody has used.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{BrokerageId, InvitationId},
        invitation::InvitationEnd,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
};

/// Takes it back; gives its brokerage. One that was taken back stays so.
///
/// Errs when no role may, when there is no such invitation, and with a conflict when it was used meanwhile.
pub async fn revoke_invitation(
    app: &App,
    scope: &StaffScope,
    id: &InvitationId,
) -> Result<BrokerageId, Refused> {
    if !scope.may(Deed::InviteAdmin) {
        return Err(Refused::Forbidden("None of your roles takes invitations back. Ask a reviewer."));
    }
    let mut write = app.store.write().await?;
    let invitation = write.invitation(id).await?.ok_or(Refused::NotFound)?.invitation;
    match invitation.ended_by {
        Some(InvitationEnd::Used) => {
            return Err(Refused::Conflict("This invitation was used meanwhile: the person can sign in."));
        }
        Some(InvitationEnd::Revoked | InvitationEnd::Newer) => return Ok(invitation.brokerage_id),
        None => {}
    }
    write.end_invitation(id, InvitationEnd::Revoked, None).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "invitation.revoke", id.as_str());
    write.commit(&[line.of(&invitation.brokerage_id)]).await?;
    Ok(invitation.brokerage_id)
}
