//! Sealing: by one at a time, each line once, under keys that may change.

use std::{sync::Arc, time::Duration};

use jiff::civil::date;
use moxi_onboard::{
    actions::{seal_audit::seal_audit, verify_audit::Wrong},
    app::App,
    store::Quiet,
    vault::{
        audit_key::{AuditKey, AuditPublicKeys},
        files::{Holds, KeyFiles, audit_public_keys},
    },
};

use super::{found, happens, portal, sealer, seals};
use crate::{
    databases::{Database, Kind, on_both},
    running::worker_with,
    world::Folder,
};

on_both! {
    async fn what_was_committed_is_sealed_in_batches_and_verifies(database) {
        let (app, keys) = portal(database).await;
        for object in 0..300 {
            happens(&app, object).await;
        }
        let before = found(&app, &keys, &[]).await;
        assert_eq!((before.sealed, before.waiting, before.wrong), (0, 300, None));
        let sealer = sealer(&app, "one");
        seals(&app, &sealer).await;
        let after = found(&app, &keys, &[]).await;
        assert_eq!((after.sealed, after.waiting, after.wrong), (300, 0, None));
        assert_eq!(database.count("audit_checkpoints").await, 2, "256 rows under one signature, then the rest");
        seals(&app, &sealer).await;
        assert_eq!(database.count("audit_checkpoints").await, 2, "nothing to seal, nothing to sign");
        let (head, _) = after.last.expect("a checkpoint");
        assert_eq!(head.seq, 300);
        happens(&app, 300).await;
        seals(&app, &sealer).await;
        assert_eq!(found(&app, &keys, &[head]).await.wrong, None, "it goes on from the checkpoint that was kept");
    }

    async fn two_sealers_never_make_two_chains(database) {
        let (app, keys) = portal(database).await;
        let work = |name: &'static str| {
            let (app, sealer) = (app.clone(), sealer(&app, name));
            async move {
                for object in 0..40 {
                    happens(&app, object).await;
                    // A lost lease is an error here, and nothing of it is written.
                    let _ = seal_audit(&app, &sealer).await;
                }
            }
        };
        let disturb = async {
            for _ in 0..40 {
                database.execute("UPDATE audit_sealer SET lease_until = 1").await;
            }
        };
        tokio::join!(work("one"), work("two"), work("three"), disturb);
        database.execute("UPDATE audit_sealer SET lease_until = 1").await;
        seals(&app, &sealer(&app, "last")).await;
        let all = found(&app, &keys, &[]).await;
        assert_eq!((all.sealed, all.waiting, all.wrong), (120, 0, None));
    }

    async fn who_lost_the_lease_appends_nothing(database) {
        let (app, _) = portal(database).await;
        let (one, other) = (sealer(&app, "one"), sealer(&app, "other"));
        seals(&app, &one).await;
        assert!(!seal_audit(&app, &other).await.expect("an answer"), "held");
        database.execute("UPDATE audit_sealer SET lease_until = 1").await;
        seals(&app, &other).await;
        let mut write = app.store.write().await.expect("a transaction");
        assert!(!write.holds_sealer(one.token, one.lease).await.expect("an answer"), "the token is another's");
        assert!(write.holds_sealer(other.token, other.lease).await.expect("an answer"));
        write.commit_quietly(Quiet::Sealer).await.expect("a commit");
    }

    async fn chain_and_checkpoints_are_guarded(database) {
        let (app, keys) = portal(database).await;
        happens(&app, 1).await;
        seals(&app, &sealer(&app, "one")).await;
        for text in [
            "UPDATE audit SET verb = 'other'",
            "DELETE FROM audit",
            "UPDATE audit_chain SET seq = seq + 1",
            "DELETE FROM audit_chain",
            "UPDATE audit_checkpoints SET at = 1",
            "DELETE FROM audit_checkpoints",
        ] {
            assert!(!database.allows(text).await, "{text}");
        }
        assert_eq!(found(&app, &keys, &[]).await.wrong, None);
    }

    async fn a_worker_seals_within_a_second_of_the_commit(database) {
        let (app, keys) = portal(database).await;
        let store = app.store.clone();
        // Only the wake can be in time.
        let worker = worker_with(app.clone(), |settings| {
            (settings.poll, settings.heartbeat) = (Duration::from_secs(60), Duration::from_secs(60));
            settings.lease = Duration::from_secs(600);
        });
        // What stood there at the start was sealed then.
        happens(&app, 0).await;
        for object in 1..4 {
            let begun = std::time::Instant::now();
            happens(&app, object).await;
            loop {
                let mut read = store.read().await.expect("a transaction");
                if read.unsealed(1).await.expect("an answer").is_empty() {
                    break;
                }
                assert!(begun.elapsed() < Duration::from_secs(3), "not sealed");
                drop(read);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        worker.stop().await;
        let all = found(&app, &keys, &[]).await;
        assert_eq!((all.sealed, all.waiting, all.wrong), (4, 0, None));
    }

    async fn an_old_keys_signatures_verify_by_its_public_half(database) {
        let folder = Folder::new();
        let keys = folder.path().join("keys");
        let files = KeyFiles {
            public_keys: keys.join("public.keys"),
            private_keys: keys.join("private.keys"),
            settings_key: keys.join("settings.key"),
            audit_key: keys.join("audit.key"),
            audit_public_keys: keys.join("audit.public"),
            audit_head: keys.join("audit.head"),
        };
        let (mut app, _) = portal(database).await;
        let today = date(2026, 11, 21);
        files.create_missing(today, &app.randomness).expect("keys");
        let one = sealer(&app, "one");
        let open = |app: &App| {
            files.open(Holds::OpeningKeys, &app.randomness).expect("keys").audit
        };
        Arc::get_mut(&mut app.vault).expect("alone").audit = open(&app);
        happens(&app, 0).await;
        seals(&app, &one).await;
        let new = files.renew_audit(today, &app.randomness).expect("a new key");
        Arc::get_mut(&mut app.vault).expect("alone").audit = open(&app);
        happens(&app, 1).await;
        seals(&app, &one).await;

        let both = audit_public_keys(&files.audit_public_keys).expect("public keys");
        assert_eq!((both.all().count(), both.current()), (2, &new));
        assert_eq!(found(&app, &both, &[]).await.wrong, None);
        let only_new = AuditPublicKeys::new(new, Vec::new());
        assert!(matches!(found(&app, &only_new, &[]).await.wrong, Some(Wrong::Signature { seq: 1, .. })));
        let stranger = AuditKey::generate(today, &app.randomness);
        let strange = AuditPublicKeys::new(stranger.public().clone(), Vec::new());
        assert!(matches!(found(&app, &strange, &[]).await.wrong, Some(Wrong::Signature { seq: 1, .. })));
    }
}

/// An older copy of the database is put back and goes on: what somebody kept tells it from the one that was.
#[tokio::test(flavor = "multi_thread")]
async fn a_fork_after_a_restore_is_found_by_what_was_kept() {
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let (app, keys) = portal(&database).await;
    let one = sealer(&app, "one");
    for object in 0..5 {
        happens(&app, object).await;
    }
    seals(&app, &one).await;
    let file = database.url.strip_prefix("sqlite:").expect("an address").to_owned();
    database.execute(&format!("VACUUM INTO '{file}.copy'")).await;
    for object in 5..9 {
        happens(&app, object).await;
    }
    seals(&app, &one).await;
    let (kept, _) = found(&app, &keys, &[]).await.last.expect("a checkpoint");
    let key = Arc::clone(&app.vault);
    app.store.close().await;
    drop(app);

    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{file}{ending}"));
    }
    std::fs::rename(format!("{file}.copy"), &file).expect("the copy is put back");
    let (mut app, _) = portal(&database).await;
    app.vault = key;
    let restored = found(&app, &keys, &[]).await;
    assert_eq!((restored.sealed, restored.wrong), (5, None), "by itself it is a good chain");
    let cut = found(&app, &keys, &[kept]).await.wrong;
    assert_eq!(cut, Some(Wrong::CutOff { seq: 5, checkpoint: 9 }));
    database.execute("UPDATE audit_sealer SET lease_until = 1").await;
    for object in 50..60 {
        happens(&app, object).await;
    }
    seals(&app, &one).await;
    assert_eq!(found(&app, &keys, &[]).await.wrong, None, "by itself it is a good chain");
    assert_eq!(found(&app, &keys, &[kept]).await.wrong, Some(Wrong::Forked { seq: 9 }));
}
