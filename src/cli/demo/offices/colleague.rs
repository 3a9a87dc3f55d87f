//! What our own people do about an office that is played.

use std::net::{IpAddr, Ipv4Addr};

use super::{
    missed::Missed,
    office::{Office, fresh_key},
};
use crate::{
    actions::{
        accept_brokerage::accept_brokerage,
        answer_question::answer_question,
        ask_access::{TypedAccess, ask_access},
        create_connection::TypedConnection,
        decide_by_hand::{TypedDecision, decide_by_hand},
        enable::{TypedDay, enable},
        invite_admin::{TypedInvitation, invite_admin},
        leave_note::{About, TypedNote, leave_note},
        name_keeper::{TypedKeeper, name_keeper},
        second_access::{end_access, second_access},
        snooze_item::{TypedSnooze, snooze_item},
        staff_sign_in::{Returning, begin, finish},
        take_item::take_item,
    },
    app::App,
    domain::{
        ids::{AccessId, ConnectionId, QuestionId},
        staff::StaffScope,
    },
    simulator::Simulator,
};

/// One of our people, signed in at the company's provider.
pub(super) struct Colleague<'a> {
    pub(super) app: &'a App,
    pub(super) scope: StaffScope,
}

impl<'a> Colleague<'a> {
    /// Goes through the company's sign-in as whoever has this account.
    pub(super) async fn comes_in(app: &'a App, simulator: &Simulator, account: &str) -> Result<Self, Missed> {
        let (begun_at, cookie) = (app.clock.now(), hex::encode(app.randomness.bytes::<32>()));
        let to = begin(app, &cookie, false).await?;
        let back = simulator.openid().presses(&to, account).map_err(Missed)?;
        let value =
            |name: &str| back.query_pairs().find(|pair| pair.0 == name).map(|pair| pair.1.into_owned());
        let (state, code, issuer) = (value("state").unwrap_or_default(), value("code"), value("iss"));
        let returning = Returning {
            cookie: &cookie,
            begun_at,
            state: &state,
            code: code.as_deref(),
            issuer: issuer.as_deref(),
            from: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        Ok(Self { app, scope: finish(app, &returning).await?.scope })
    }

    pub(super) async fn invites(
        &self,
        (company, contact, address): (&str, &str, &str),
        external_id: Option<&str>,
    ) -> Result<(), Missed> {
        let connection = external_id.map(|id| TypedConnection {
            name: "Main office".to_owned(),
            external_id: id.to_owned(),
            kind: "graph_secret".to_owned(),
        });
        let typed = TypedInvitation {
            company: company.to_owned(),
            contact: contact.to_owned(),
            address: address.to_owned(),
            connection,
        };
        invite_admin(self.app, &self.scope, None, &typed, &fresh_key(self.app)?).await?;
        Ok(())
    }

    pub(super) async fn accepts(&self, office: &Office<'_>) -> Result<(), Missed> {
        let id = &office.scope.brokerage;
        let brokerage = self.app.store.read().await?.brokerage(id).await?;
        let version = brokerage.ok_or_else(|| Missed("its brokerage is gone".to_owned()))?.version;
        accept_brokerage(self.app, &self.scope, id, version).await?;
        Ok(())
    }

    /// Names themself the account manager.
    pub(super) async fn manages(&self, office: &Office<'_>) -> Result<(), Missed> {
        let typed = TypedKeeper { before: String::new(), named: self.scope.staff.as_str().to_owned() };
        Ok(name_keeper(self.app, &self.scope, &office.scope.brokerage, &typed).await?)
    }

    pub(super) async fn enables(&self, office: &Office<'_>, id: &ConnectionId) -> Result<(), Missed> {
        let today = self.app.clock.today();
        let typed = TypedDay {
            month: today.month().to_string(),
            day: today.day().to_string(),
            year: today.year().to_string(),
        };
        let version = office.connection(id).await?.version;
        enable(self.app, &self.scope, id, version, &typed).await?;
        Ok(())
    }

    pub(super) async fn takes(&self, id: &ConnectionId) -> Result<(), Missed> {
        Ok(take_item(self.app, &self.scope, id, self.seen(id).await?).await?)
    }

    pub(super) async fn puts_off(&self, id: &ConnectionId) -> Result<(), Missed> {
        let seen = self.seen(id).await?;
        snooze_item(self.app, &self.scope, id, seen, &TypedSnooze::until_morning()).await?;
        Ok(())
    }

    pub(super) async fn notes(&self, id: &ConnectionId, text: &str) -> Result<(), Missed> {
        let typed = TypedNote { text: text.to_owned(), kind: String::new() };
        leave_note(self.app, &self.scope, About::Connection(id), &typed, &fresh_key(self.app)?).await?;
        Ok(())
    }

    pub(super) async fn answers(
        &self,
        office: &Office<'_>,
        asked: &QuestionId,
        text: &str,
    ) -> Result<(), Missed> {
        let (brokerage, key) = (&office.scope.brokerage, fresh_key(self.app)?);
        Ok(answer_question(self.app, &self.scope, brokerage, asked, text, &key).await?)
    }

    /// Asks to see the secret of the latest attempt, by this way.
    pub(super) async fn asks_access(
        &self,
        (id, attempt): (&ConnectionId, i64),
        way: &str,
        reason: &str,
    ) -> Result<AccessId, Missed> {
        let typed = TypedAccess {
            attempt: attempt.to_string(),
            way: way.to_owned(),
            reason: reason.to_owned(),
            ticket: "MX-20417".to_owned(),
            minutes: if way == "break_glass" { "15" } else { "240" }.to_owned(),
        };
        Ok(ask_access(self.app, &self.scope, id, &typed, &fresh_key(self.app)?).await?)
    }

    /// Says yes as the second person.
    pub(super) async fn seconds(&self, id: &AccessId) -> Result<(), Missed> {
        Ok(second_access(self.app, &self.scope, Some(self.app.clock.now()), id).await?)
    }

    /// Ends what was opened.
    pub(super) async fn ends(&self, id: &AccessId) -> Result<(), Missed> {
        Ok(end_access(self.app, &self.scope, id).await?)
    }

    pub(super) async fn wants_by_hand(
        &self,
        office: &Office<'_>,
        id: &ConnectionId,
        reason: &str,
    ) -> Result<(), Missed> {
        let typed =
            TypedDecision { verdict: "verified".to_owned(), cause: String::new(), reason: reason.to_owned() };
        let seen = office.connection(id).await?.version;
        decide_by_hand(self.app, &self.scope, id, seen, &typed, &fresh_key(self.app)?).await?;
        Ok(())
    }

    /// The version of its place in the queue.
    async fn seen(&self, id: &ConnectionId) -> Result<i64, Missed> {
        let mut read = self.app.store.read().await?;
        let review = read.all_brokerages(&self.scope)?.review(id).await?;
        review.map(|review| review.version).ok_or_else(|| Missed("it is not in the queue".to_owned()))
    }
}
