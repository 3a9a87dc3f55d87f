//! The whole check over Graph, whatever the app proves itself with: tenant, sign-in, what only reads, what writes, cleaning up.

use crate::{
    domain::{
        app::{AppSettings, Proof},
        check::Report,
        test_item::TestItem,
    },
    verification::{
        cleanup::{Cleared, clear_later},
        cut::Cut,
        means::Means,
        observer::Observer,
        step,
    },
};

use super::{app::App, graph::Graph, permissions::Service, reading, writing};

/// Runs one check to its verdict.
pub(in crate::verification) async fn check(
    means: Means,
    settings: &AppSettings,
    proof: &Proof,
    observer: &dyn Observer,
) -> Report {
    let pace = means.pace;
    let app = App::new(means, (&step::GRAPH, Service::Graph), (settings, proof), observer);
    let cut = Cut::new();
    cut.limit_whole(pace.whole, Box::pin(climb(&app, &cut))).await;
    app.report(&cut).await
}

async fn climb(app: &App<'_>, cut: &Cut) {
    let Some(tenant) = app.tenant(cut).await else { return };
    let Some(access) = app.token(&tenant, cut).await else { return };
    let Some(graph) = Graph::of(app, &tenant, access, app.settings.test_mailbox.as_str()) else { return };
    let opened = reading::reads(&app.run, &graph, cut).await;
    if opened.any() {
        Box::pin(writing::works(&app.run, &graph, opened, cut)).await;
    }
}

/// Removes what earlier checks left behind.
pub(in crate::verification) async fn clear(
    means: Means,
    (settings, proof): (&AppSettings, &Proof),
    items: &[TestItem],
    observer: &dyn Observer,
) -> Cleared {
    let pace = means.pace;
    let app = App::new(means, (&step::GRAPH, Service::Graph), (settings, proof), observer);
    let cut = Cut::new();
    let reached = cut.limit_whole(pace.whole, async {
        let tenant = app.tenant(&cut).await?;
        let access = app.token(&tenant, &cut).await?;
        Graph::of(&app, &tenant, access, settings.test_mailbox.as_str())
    });
    let Some(mut graph) = reached.await else { return Cleared::unreached(items, app.report(&cut).await) };
    Box::pin(clear_later(&app.run, &mut graph, items)).await
}
