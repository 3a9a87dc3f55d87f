//! Every sample through the front door: its verdict and its cause stand on the page and in the mail.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use moxi_onboard::{domain::causes, simulator::Sample};

use crate::{databases::on_both, world::World};

/// So many people at once.
const AT_ONCE: usize = 6;

on_both! {
    async fn every_sample_shows_its_verdict_and_cause(database) {
        let world = World::start(database).await;
        let mut samples: Vec<_> = world.simulator.samples().to_vec();
        samples.retain(|sample| sample.kind == "graph_secret");
        let walks = samples.iter().map(|sample| async { (sample.name.clone(), walk(&world, sample).await) });
        let wrong: BTreeMap<_, _> = stream::iter(walks)
            .buffer_unordered(AT_ONCE)
            .filter_map(|(name, result)| async { Some((name, result.err()?)) })
            .collect()
            .await;
        assert!(wrong.is_empty(), "{wrong:#?}");
        world.logs_are_calm();
        world.has_no_needles().await;
    }
}

/// The story of one sample; errs with what was not as promised.
async fn walk(world: &World<'_>, sample: &Sample) -> Result<(), String> {
    let admin = world.admin(&sample.name);
    admin.begins().await;
    let form = admin.creates_connection("Main office").await;
    let review = admin.enters(&form, &admin.credential()).await;
    if sample.expected_cause.as_deref().is_some_and(found_by_the_form) {
        let cause = sample.expected_cause.as_deref().unwrap_or_default();
        let said = (review.status.as_u16(), review.title().starts_with("Error: "));
        return if said == (422, true) {
            Ok(())
        } else {
            Err(format!("{cause}: {said:?} {}", review.text()))
        };
    }
    let status = admin.submits(&review).await;
    let (subject, expected) = match sample.expected_verdict.as_str() {
        "passed" | "passed_with_warnings" => ("Verified", "verified"),
        "failed" => ("Not connected", "failed"),
        "waiting_for_provider" => ("Waiting", "waiting"),
        "could_not_tell" => ("In our hands", "needs_staff"),
        other => return Err(format!("a verdict nobody knows: {other}")),
    };
    let mail = world.mailbox.gets(admin.address(), subject).await;
    let status = admin.browser.opens(&status.url).await;
    let found = admin.verdict(&status);
    if found != expected {
        return Err(format!("{found} instead of {expected}: {}", status.text()));
    }
    let Some(cause) = &sample.expected_cause else { return Ok(()) };
    let cause = causes::find(cause).ok_or_else(|| format!("no cause {cause}"))?;
    if !status.says(cause.title) {
        return Err(format!("the page does not say {:?}: {}", cause.title, status.text()));
    }
    let by_mail = matches!(subject, "Verified" | "Not connected");
    if by_mail && !mail.words().contains(cause.title) {
        return Err(format!("the mail does not say {:?}: {}", cause.title, mail.text));
    }
    Ok(())
}

/// What the answers themselves show is said beside the field, before anything is sent.
fn found_by_the_form(cause: &str) -> bool {
    causes::find(cause).is_some_and(|cause| cause.scenarios.iter().all(|scenario| scenario.contains("form")))
        || cause == "client_secret_is_id"
}
