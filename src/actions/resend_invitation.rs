//! One of our people sends somebody who was invited a new link: the old one ends.

use super::{
    form_answer::FormKey,
    invitation::invited_address,
    invite_admin::write_all,
    send_invitation::{Invitee, Inviter, Ready},
};
use crate::{
    app::App,
    domain::{
        ids::{BrokerageId, InvitationId},
        invitation::{InvitationEnd, InvitationStage},
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    store::InvitedBy,
};

/// Sends it; gives the brokerage. The same form again sends nothing.
///
/// Who may send mails again may do so while the link works: the same person gets the same thing. One that is over counts
/// anew with a new link, so that is for those who invite.
///
/// Errs when no role may, when there is no such invitation, with a conflict when it ended otherwise than by time, when the
/// address signs in elsewhere meanwhile, and when too many were sent.
pub async fn resend_invitation(
    app: &App,
    scope: &StaffScope,
    id: &InvitationId,
    key: &FormKey,
) -> Result<BrokerageId, Refused> {
    if !scope.may(Deed::SendAgain) {
        return Err(Refused::Forbidden("None of your roles sends invitations. Ask a reviewer."));
    }
    let sent = match resend(app, scope, id, key).await {
        Ok(sent) => sent,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    BrokerageId::parse(&sent).map_err(|_| Refused::Fault(String::new()))
}

async fn resend(app: &App, scope: &StaffScope, id: &InvitationId, key: &FormKey) -> Result<String, Refused> {
    let mut read = app.store.read().await?;
    if let Some(sent) = key.answered(&mut read, scope).await? {
        return Ok(sent);
    }
    let stored = read.invitation(id).await?.ok_or(Refused::NotFound)?;
    let before = stored.invitation;
    may_follow(before.ended_by)?;
    if before.stage(read.now()) != InvitationStage::Open && !scope.may(Deed::InviteAdmin) {
        return Err(Refused::Forbidden(
            "The time of this invitation is over. A reviewer, an account manager or an owner invites the person anew.",
        ));
    }
    let brokerage = read.brokerage(&before.brokerage_id).await?.ok_or(Refused::NotFound)?;
    drop(read);
    let invitee = Invitee {
        contact: before.contact,
        address: invited_address(app, id, &stored.address_box)?,
        duty: before.duty,
    };
    let inviter = Inviter { by: InvitedBy::Staff(scope.staff.clone()), name: &scope.name, house: None };
    let ready = Ready::make(app, (&brokerage.id, &brokerage.company), invitee, inviter)?;
    write_all(app, scope, (None, None), &ready, key).await
}

/// Whether a new link may follow an invitation that ended so.
fn may_follow(ended: Option<InvitationEnd>) -> Result<(), Refused> {
    match ended {
        None => Ok(()),
        Some(InvitationEnd::Used) => {
            Err(Refused::Conflict("This invitation was used meanwhile: the person can sign in."))
        }
        Some(InvitationEnd::Newer) => {
            Err(Refused::Conflict("A newer link was sent to this address meanwhile."))
        }
        Some(InvitationEnd::Revoked) => Err(Refused::Conflict(
            "This invitation was taken back. Invite the person anew if that was a mistake.",
        )),
    }
}
