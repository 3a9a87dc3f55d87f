//! Who else has the key of a connection, as its page shows it.

use crate::{
    actions::allow_shared_key::REASON_BOX,
    app::App,
    domain::{
        ids::{BrokerageId, ConnectionId},
        refused::Refused,
        review::NoteText,
        staff::{Deed, StaffScope},
    },
    http::pages::portal::status_view::Moment,
    store::Read,
};

/// Who else has the key, and whether the reader may let it stand.
pub(super) struct SharedKey {
    pub(super) others: Vec<Other>,
    pub(super) may_allow: bool,
}

/// Another brokerage with the same key.
pub(super) struct Other {
    pub(super) id: BrokerageId,
    pub(super) company: String,
    /// Who let it stand, when, and why.
    pub(super) allowed: Option<(String, Moment, String)>,
}

impl SharedKey {
    /// Reads who else has a key of this connection; nothing where nobody has.
    pub(super) async fn read(
        app: &App,
        read: &mut Read,
        scope: &StaffScope,
        id: &ConnectionId,
    ) -> Result<Option<Self>, Refused> {
        let sharers = read.all_brokerages(scope)?.sharers(id).await?;
        let mut others = Vec::with_capacity(sharers.len());
        for sharer in sharers {
            let allowed = match (sharer.allowed_at, sharer.reason_box) {
                (Some(at), Some(reason)) => {
                    let why: NoteText = app.from_box(REASON_BOX, id.as_str(), &reason)?;
                    let who = sharer.staff_name.unwrap_or_default();
                    Some((who, Moment::of(at), why.as_str().to_owned()))
                }
                _ => None,
            };
            others.push(Other { id: sharer.brokerage_id, company: sharer.company, allowed });
        }
        let open = others.iter().any(|other| other.allowed.is_none());
        let may_allow = open && scope.may(Deed::AcceptBrokerage);
        Ok((!others.is_empty()).then_some(Self { others, may_allow }))
    }

    #[cfg(test)]
    pub(super) fn sample(text: &str, at: crate::domain::instant::Instant) -> Self {
        let allowed = Some((text.to_owned(), Moment::of(at), text.to_owned()));
        let other =
            |allowed| Other { id: BrokerageId::from_random([4; 16]), company: text.to_owned(), allowed };
        Self { others: vec![other(None), other(allowed)], may_allow: true }
    }
}
