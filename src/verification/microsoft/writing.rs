//! The steps that write to the mailbox over Graph, and what removes what they wrote.

use async_trait::async_trait;
use jiff::civil::Date;

use crate::{
    domain::test_item::TestThing,
    verification::{
        cut::Cut,
        evidence::Evidence,
        outside,
        progress::Running,
        rules::Scene,
        run::Run,
        step::StepId,
        traces::{Trace, Traces},
        writing::{Item, Mailbox, clear, write},
    },
};

use super::{graph::Graph, permissions::at_graph, probes, reading::Opened, sync, test_item::Kind, writes};

impl Item for Kind {
    fn of(thing: TestThing) -> Option<Self> {
        match thing {
            TestThing::Contact => Some(Self::Contact),
            TestThing::Event => Some(Self::Event),
            TestThing::Draft => None,
        }
    }

    fn thing(self) -> TestThing {
        match self {
            Self::Contact => TestThing::Contact,
            Self::Event => TestThing::Event,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Contact => "contact \"MoxiEngage Connection test\"",
            Self::Event => "calendar entry \"MoxiEngage connection test … - safe to delete\"",
        }
    }

    fn write_step(self) -> StepId {
        match self {
            Self::Contact => StepId::ContactWrite,
            Self::Event => StepId::EventWrite,
        }
    }

    fn remove_step(self) -> StepId {
        match self {
            Self::Contact => StepId::ContactRemove,
            Self::Event => StepId::EventRemove,
        }
    }
}

#[async_trait]
impl Mailbox for Graph<'_> {
    type Item = Kind;

    fn marked(&self) -> (&str, Date) {
        (&self.mark, self.today)
    }

    fn look_for(&mut self, mark: &str, day: Date) {
        (self.mark, self.today) = (mark.to_owned(), day);
    }

    fn traces(&self) -> &Traces<Kind> {
        &self.traces
    }

    fn scene(&self, step: StepId) -> Scene<'_> {
        Scene { opened: true, ..at_graph(step, self.roles.as_deref()) }
    }

    async fn create(&self, kind: Kind, running: &mut Running, cut: &Cut) -> Result<Option<String>, Evidence> {
        writes::create(self, kind, running, cut).await
    }

    async fn remove(&self, kind: Kind, id: &str, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
        writes::remove(self, kind, id, running, cut).await
    }

    async fn find_lost(&self, kind: Kind, cut: &Cut) -> Result<Option<String>, Evidence> {
        writes::find_lost(self, kind, cut).await
    }
}

/// What writes, as far as reading worked, each chain in its order and all chains at the same time.
pub(super) async fn works(run: &Run<'_>, graph: &Graph<'_>, opened: Opened, cut: &Cut) {
    // What has not begun when the time is over is skipped, so that nothing is written only to be removed.
    if cut.whole_is_over() {
        return;
    }
    let contact = async {
        if opened.contacts {
            contact(run, graph, cut).await;
        }
    };
    let event = async {
        if opened.calendar && write(run, graph, Kind::Event, cut).await.is_some() {
            clear(run, graph, Kind::Event).await;
        }
    };
    let send = async {
        let (mut running, cut) = (run.progress.begin(StepId::SendRight), cut.step());
        let done = cut.limit_step(run.pace.step, writes::send_right(graph, &mut running, &cut)).await;
        run.end(running, done, graph.scene(StepId::SendRight)).await;
    };
    tokio::join!(contact, event, send, outside(run, graph, cut));
}

/// Whether Graph refuses to let the app into the mailbox.
fn is_refused(evidence: &Evidence) -> bool {
    matches!(evidence, Evidence::Shown(shown) if shown.status == 403)
}

/// Looks at a mailbox of a roster that must be refused.
pub(super) async fn look(run: &Run<'_>, graph: &Graph<'_>, cut: &Cut) {
    let (running, cut) = (run.progress.begin(StepId::OutsideMailbox), cut.step());
    let opened = cut.limit_step(run.pace.step, probes::outside(graph, &graph.user, &cut)).await;
    outside::judge(run, running, (opened, graph.scene(StepId::Mailbox)), is_refused).await;
}

/// Looks at the mailbox that must be refused: worth something only beside one that opened.
async fn outside(run: &Run<'_>, graph: &Graph<'_>, cut: &Cut) {
    let Some(running) = outside::begin(run, graph.outside.is_some()).await else { return };
    let cut = cut.step();
    let user = graph.outside.as_deref().unwrap_or_default();
    let opened = cut.limit_step(run.pace.step, probes::outside(graph, user, &cut)).await;
    outside::end(run, running, opened, is_refused).await;
}

async fn contact(run: &Run<'_>, graph: &Graph<'_>, cut: &Cut) {
    let Some(folder) = write(run, graph, Kind::Contact, cut).await else { return };
    if let Trace::There(id) = graph.traces.get(Kind::Contact) {
        let (mut running, cut) = (run.progress.begin(StepId::ContactsSync), cut.step());
        let work = sync::synchronise(graph, folder.as_deref(), &id, &mut running, &cut);
        let done = cut.limit_step(run.pace.step, work).await;
        run.end(running, done, graph.scene(StepId::ContactsSync)).await;
    }
    clear(run, graph, Kind::Contact).await;
}
