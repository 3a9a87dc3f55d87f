//! Many mailboxes of a tenant: one token, renewed before it ends, and every mailbox opened as its owner.

use std::{sync::Arc, time::Duration};

use tokio::sync::Mutex;

use crate::{
    domain::{
        app::{AppSettings, Proof},
        check::Report,
        instant::Instant,
        roster::RosterMailbox,
    },
    verification::{
        bearer::Bearer,
        cut::Cut,
        means::Means,
        observer::Observer,
        pace::Pace,
        run::Run,
        step::{EWS_PARTS, GRAPH_PARTS, OUTSIDE, Parts, StepId},
        visits::{AtMailbox, Visits},
    },
};

use super::{
    app::App,
    exchange_online::Online,
    graph::Graph,
    online::{Owner, connect, look_as, works_as},
    permissions::Service,
    reading,
    sign_in::{self, Access, Tenant},
    writing,
};

/// A token of Microsoft 365 lasts an hour at least; a mailbox that begins after this gets a new one.
pub(super) const FRESH: Duration = Duration::from_secs(40 * 60);

/// Signs in, visits every mailbox over the service, and reports of the sign-in.
pub(in crate::verification) async fn visit(
    means: Means,
    (settings, proof): (&AppSettings, &Proof),
    over: Over,
    observer: &dyn Observer,
    visits: &Visits<'_>,
) -> Report {
    let (parts, service) = over.parts();
    let pace = means.pace;
    let rounds = Rounds { parts, pace: Pace::of_many(), means: means.clone() };
    let app = App::new(means, (&parts.door, service), (settings, proof), observer);
    let cut = Cut::new();
    let signed = cut.limit_whole(pace.whole, Box::pin(signed_in(&app, over, &cut))).await;
    if let Some((tenant, access)) = signed {
        let token = Token { tenant, service, held: Mutex::new((app.caller.clock.now(), Held::of(access))) };
        Box::pin(visits.each(|one| rounds.enter(&app, &token, over, (one, visits.at(one))))).await;
    }
    app.report(&cut).await
}

/// By which service the mailboxes are reached.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::verification) enum Over {
    /// Graph.
    Graph,
    /// EWS of Exchange Online.
    Ews,
}

impl Over {
    const fn parts(self) -> (&'static Parts, Service) {
        match self {
            Self::Graph => (&GRAPH_PARTS, Service::Graph),
            Self::Ews => (&EWS_PARTS, Service::Ews),
        }
    }
}

async fn signed_in(app: &App<'_>, over: Over, cut: &Cut) -> Option<(Tenant, Access)> {
    let tenant = app.tenant(cut).await?;
    let access = app.token(&tenant, cut).await?;
    (over == Over::Graph || connect(app, tenant.cloud.ews, cut).await).then_some((tenant, access))
}

/// What a token says and opens.
#[derive(Clone)]
struct Held {
    bearer: Arc<Bearer>,
    roles: Option<Vec<String>>,
}

impl Held {
    fn of(access: Access) -> Self {
        Self { bearer: access.bearer, roles: access.roles }
    }
}

/// The token of the whole roster.
struct Token {
    tenant: Tenant,
    service: Service,
    held: Mutex<(Instant, Held)>,
}

impl Token {
    /// The token, a new one where this one is old. The proof was accepted before; one that is refused now leaves the
    /// old token in use, and the mailbox's own answer says what is wrong.
    async fn fresh(&self, app: &App<'_>, cut: &Cut) -> Held {
        let mut held = self.held.lock().await;
        let now = app.caller.clock.now();
        if now.since(held.0).unsigned_abs() > FRESH {
            let mut aside = app.run.progress.begin(StepId::Token);
            let (asked, client) = ((&self.tenant, self.service), &app.settings.client_id);
            let renewed = sign_in::sign_in(&app.caller, asked, client, app.proof, &mut aside, cut).await;
            *held = (now, renewed.map_or_else(|_| held.1.clone(), Held::of));
        }
        held.1.clone()
    }
}

/// What all visits of a roster share.
struct Rounds {
    parts: &'static Parts,
    pace: Pace,
    means: Means,
}

impl Rounds {
    async fn enter(
        &self,
        app: &App<'_>,
        token: &Token,
        over: Over,
        (one, told): (&RosterMailbox, AtMailbox<'_>),
    ) -> Report {
        let plan = if one.outside { &OUTSIDE } else { &self.parts.mailbox };
        let run = Run::new(plan, &told, &self.means).at_pace(self.pace);
        let (cut, address) = (Cut::new(), one.mailbox.as_str());
        // Boxed where it is made: it is long, and is handed on from one to the other.
        let visit = Box::pin(async {
            let Held { bearer, roles } = token.fresh(app, &cut).await;
            match over {
                Over::Graph => {
                    let access = Access { bearer, roles, advice: None };
                    let Some(graph) = Graph::of(app, &token.tenant, access, address) else { return };
                    let graph = graph.at_pace(self.pace);
                    if one.outside {
                        return writing::look(&run, &graph, &cut).await;
                    }
                    let opened = reading::reads(&run, &graph, &cut).await;
                    if opened.any() {
                        Box::pin(writing::works(&run, &graph, opened, &cut)).await;
                    }
                }
                Over::Ews => {
                    let Some(authorization) = bearer.header() else { return };
                    let owner = Owner { address, outside: None, roles, scrub: app.scrub(&bearer) };
                    let online = Online::new(&app.caller, token.tenant.cloud.ews, authorization);
                    if one.outside {
                        return look_as(&run, (&app.caller, &online), owner, &cut).await;
                    }
                    works_as(&run, (&app.caller, &online), owner, &cut).await;
                }
            }
        });
        cut.limit_whole(self.pace.whole, visit).await;
        run.note(|notes| notes.accepted = true);
        run.report(plan, None, &cut).await
    }
}
