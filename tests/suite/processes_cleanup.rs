//! A worker is killed between writing to a mailbox and removing it again: whatever it had written is gone in the end,
//! over every way to a mailbox.

use std::time::Duration;

use moxi_onboard::simulator::{ALWAYS, Fault, Operation, Target};

use crate::{
    databases::{Database, Kind},
    world::{Admin, Cast, World, rows},
};

/// How long a machine that is busy with other things may take for what is waited for here.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until it holds, and says whether it ever did.
async fn comes(look: impl AsyncFn() -> bool) -> bool {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !look().await {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    });
    waited.await.is_ok()
}

fn holds_a_contact_of_ours(world: &World<'_>, admin: &Admin) -> bool {
    let items = world.simulator.mailbox_items(&admin.sample.test_mailbox);
    items.contacts.iter().any(|contact| !contact.seeded)
}

/// An office submits. A worker writes a contact to the test mailbox, cannot go on because of the fault, and is killed.
async fn cut_off(world: &mut World<'_>, name: &str, operation: Operation, fault: Fault) -> Admin {
    let worker = world.adds(Cast::Worker).await;
    let admin = world.admin(name);
    admin.begins().await;
    let form = admin.creates_connection("Main office").await;
    let review = admin.enters(&form, &admin.credential()).await;
    world.simulator.inject(Target::Tenant(name.to_owned(), operation), fault, ALWAYS);
    admin.submits(&review).await;
    let written = comes(async || holds_a_contact_of_ours(world, &admin)).await;
    assert!(written, "{name}: nothing was written");
    world.processes.remove(worker).kill();
    world.simulator.clear_faults();
    assert!(holds_a_contact_of_ours(world, &admin), "{name}: it was removed in spite of the fault");
    let noted = rows::count(world.database, "SELECT COUNT(*) FROM test_items WHERE thing = 'contact'").await;
    assert!(noted >= 1, "{name}: it was written before it was noted");
    admin
}

/// Another worker verifies the office, and what the killed one had written goes. What was cut off in the middle of a call
/// may arrive late, so it is looked for once more after five minutes: its note may stay until then.
async fn ends_clean(world: &mut World<'_>, admin: &Admin) {
    let worker = world.adds(Cast::Worker).await;
    assert!(admin.mail_of(&["Verified"], PATIENCE).await.is_some(), "{} is not verified", admin.sample.name);
    let left = || world.simulator.mailbox_items(&admin.sample.test_mailbox);
    let empty = comes(async || left().left_behind().is_empty()).await;
    let noted = "SELECT check_id, CAST(run AS TEXT), thing, CAST(given_up_at AS TEXT) FROM test_items";
    let jobs = "SELECT subject, CAST(attempts AS TEXT), last_error FROM jobs WHERE kind = 'clear_mailbox'";
    assert!(
        empty,
        "{} still holds what the killed worker wrote: {:?} {:?} {:?}",
        admin.sample.test_mailbox,
        left().left_behind(),
        rows::texts(world.database, noted).await,
        rows::texts(world.database, jobs).await
    );
    world.processes.remove(worker).kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_worker_had_written_is_gone_in_the_end() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let mut world = World::start_with(&database, crate::world::Plan::default(), &[Cast::Portal]).await;
    // Twice while it removes, when the id of what it wrote is known. Once while it writes: the answer never came.
    for (name, operation, fault) in [
        ("healthy", Operation::ContactDelete, Fault::Hang),
        ("ews-healthy", Operation::EwsDeleteItem, Fault::Hang),
        ("exchange-healthy", Operation::EwsCreateItem, Fault::HoldAnswer),
    ] {
        let admin = cut_off(&mut world, name, operation, fault).await;
        ends_clean(&mut world, &admin).await;
    }
    world.has_no_needles().await;
}
