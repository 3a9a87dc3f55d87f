//! The whole check over Graph, whatever the app proves itself with: tenant, sign-in, what only reads, what writes, cleaning up.

use crate::{
    domain::{
        app::{AppSettings, Proof},
        check::Report,
    },
    verification::{cut::Cut, means::Means, observer::Observer, step},
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
    cut.limit_whole(pace.whole, climb(&app, &cut)).await;
    app.report(&cut).await
}

async fn climb(app: &App<'_>, cut: &Cut) {
    let Some(tenant) = app.tenant(cut).await else { return };
    let Some(access) = app.token(&tenant, cut).await else { return };
    let Some(graph) = Graph::of(app, &tenant, access, app.settings.test_mailbox.as_str()) else { return };
    let opened = reading::reads(&app.run, &graph, cut).await;
    if opened.any() {
        writing::works(&app.run, &graph, opened, cut).await;
    }
}
