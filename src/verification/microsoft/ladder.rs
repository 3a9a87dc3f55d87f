//! The whole check over Graph: tenant, sign-in, what only reads, what writes, cleaning up.

use crate::{
    domain::{
        check::Report,
        credential::{ClientSecret, GraphSecretSettings},
    },
    verification::{cut::Cut, means::Means, observer::Observer, step},
};

use super::{app::App, graph::Graph, permissions::Service, reading, writing};

/// Runs one check to its verdict.
pub(in crate::verification) async fn check(
    means: Means,
    settings: &GraphSecretSettings,
    secret: &ClientSecret,
    observer: &dyn Observer,
) -> Report {
    let pace = means.pace;
    let app = App::new(means, (&step::GRAPH, Service::Graph), (settings, secret), observer);
    let cut = Cut::new();
    cut.limit_whole(pace.whole, climb(&app, &cut)).await;
    app.report(&cut).await
}

async fn climb(app: &App<'_>, cut: &Cut) {
    let Some(tenant) = app.tenant(cut).await else { return };
    let Some(access) = app.token(&tenant, cut).await else { return };
    let Some(graph) = Graph::of(app, &tenant, access) else { return };
    let opened = reading::reads(&app.run, &graph, cut).await;
    if opened.any() {
        writing::works(&app.run, &graph, opened, cut).await;
    }
}
