//! Somebody takes the end off the chain and leaves the rest in order: the sealer signs nothing on, and says so.

use std::sync::Arc;

use jiff::civil::date;
use moxi_onboard::{
    actions::{seal_audit::seal_audit, verify_audit::Wrong},
    app::App,
    clock::Clock,
    domain::{audit::Checkpoint, staff::StaffRole},
    vault::{
        audit_head::AuditHead,
        audit_key::{AuditKey, AuditPublicKeys},
    },
};

use super::{found, happens, sealer, seals};
use crate::{
    databases::{Database, Kind, START, on_both},
    office, rows,
    staff_site::StaffSite,
    world::{Folder, free_port},
};

const TABLES: [&str; 3] = ["audit", "audit_chain", "audit_checkpoints"];

/// A portal that seals and remembers, on a database whose owner can do everything. Twelve lines are sealed, six under
/// each signature.
struct House<'a> {
    app: App,
    keys: AuditPublicKeys,
    memory: AuditHead,
    database: &'a Database,
    _folder: Folder,
}

impl<'a> House<'a> {
    async fn of(database: &'a Database) -> Self {
        let (folder, text) = (Folder::new(), format!("[staff]\nlisten = \"{}\"\n", free_port()));
        let mut app = office::portal_at(database, Clock::standing_at(START), &text, true).await;
        let key = AuditKey::generate(date(2026, 11, 21), &app.randomness);
        let keys = AuditPublicKeys::new(key.public().clone(), Vec::new());
        let memory = AuditHead::at(folder.path().join("keys").join("audit.head"));
        let vault = Arc::get_mut(&mut app.vault).expect("nobody else has it");
        (vault.audit, vault.audit_head) = (Some(key), Some(memory.clone()));
        let one = sealer(&app, "one");
        for object in 1..=12 {
            happens(&app, object).await;
            if object % 6 == 0 {
                seals(&app, &one).await;
            }
        }
        database.execute("UPDATE audit_sealer SET lease_until = 1").await;
        let house = Self { app, keys, memory, database, _folder: folder };
        house.owned().await;
        house
    }

    /// The guards go, and a copy is made.
    async fn owned(&self) {
        match self.database.kind {
            Kind::Sqlite => {
                let names =
                    rows::texts(self.database, "SELECT name FROM sqlite_master WHERE type = 'trigger'").await;
                for name in names {
                    self.database.execute(&format!("DROP TRIGGER {name}")).await;
                }
            }
            Kind::Postgres => {
                for table in TABLES {
                    self.database.execute(&format!("ALTER TABLE {table} DISABLE TRIGGER ALL")).await;
                }
            }
        }
        for table in TABLES {
            self.database.execute(&format!("CREATE TABLE good_{table} AS SELECT * FROM {table}")).await;
        }
    }

    async fn does(&self, text: &str) {
        let before = if self.database.kind == Kind::Sqlite { "PRAGMA foreign_keys = OFF;" } else { "" };
        self.database.execute(&format!("{before}{text}")).await;
    }

    /// Everything behind row 6 goes, without a trace.
    async fn is_cut_back(&self) {
        self.does(
            "DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_chain WHERE seq > 6);
             DELETE FROM audit_chain WHERE seq > 6; DELETE FROM audit_checkpoints WHERE seq > 6",
        )
        .await;
    }

    async fn is_put_back(&self) {
        for table in TABLES {
            self.does(&format!(
                "INSERT INTO {table} SELECT * FROM good_{table} WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.{0} = good_{table}.{0})",
                if table == "audit" { "id" } else { "seq" }
            ))
            .await;
        }
    }

    /// Nothing is signed on, however often it is tried.
    async fn is_refused(&self, signed: i64, ends: i64) {
        let one = sealer(&self.app, "two");
        let before =
            (self.database.count("audit_chain").await, self.database.count("audit_checkpoints").await);
        for _ in 0..2 {
            let refused = seal_audit(&self.app, &one).await.expect_err("refused").to_string();
            let words =
                format!("row {signed} of the audit's chain was signed, and the chain ends at row {ends}");
            assert_eq!(refused, words);
        }
        let after =
            (self.database.count("audit_chain").await, self.database.count("audit_checkpoints").await);
        assert_eq!(before, after);
        self.database.execute("UPDATE audit_sealer SET lease_until = 1").await;
    }

    fn remembered(&self) -> Option<Checkpoint> {
        self.memory.read().expect("the file is read")
    }
}

on_both! {
    async fn a_chain_that_was_cut_back_is_not_signed_on_and_everybody_hears_of_it(database) {
        let house = House::of(database).await;
        assert_eq!(house.remembered().map(|head| head.seq), Some(12));
        let site = StaffSite::of(house.app.clone()).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let alarm = "The audit does not fit what was signed. Row 12 of its chain was signed";
        assert!(!dana.opens("/").await.says(alarm));
        house.is_cut_back().await;
        assert_eq!(found(&house.app, &house.keys, &[]).await.wrong, None, "by itself what is left is a good chain");
        house.is_refused(12, 6).await;

        dana.opens("/").await.must_say(alarm);
        let wrong = found(&house.app, &house.keys, &[]).await.wrong;
        assert_eq!(wrong, Some(Wrong::Refused { seq: 6, signed: 12, since: START }));
        let kept = house.remembered().expect("it is remembered");
        let wrong = found(&house.app, &house.keys, &[kept]).await.wrong;
        assert_eq!(wrong, Some(Wrong::CutOff { seq: 6, checkpoint: 12 }));

        // Whoever puts the right rows back has the sealer go on where it stopped, what happened meanwhile included.
        house.is_put_back().await;
        seals(&house.app, &sealer(&house.app, "three")).await;
        let all = found(&house.app, &house.keys, &[kept]).await;
        assert_eq!((all.waiting, &all.wrong), (0, &None));
        assert!(all.sealed > 12 && house.remembered() == all.last.map(|(head, _)| head), "{all:?}");
        assert!(!dana.opens("/").await.says("The audit does not fit"));
    }

    async fn without_a_memory_the_checkpoints_tell_what_was_signed(database) {
        let mut house = House::of(database).await;
        Arc::get_mut(&mut house.app.vault).expect("nobody else has it").audit_head = None;
        let other = match database.kind {
            Kind::Sqlite => "randomblob(32)",
            Kind::Postgres => "decode(repeat('00', 32), 'hex')",
        };
        happens(&house.app, 13).await;
        // Rows alone: a checkpoint tells of more. Then a row that nobody signed.
        house.does("DELETE FROM audit_chain WHERE seq > 6").await;
        house.is_refused(12, 6).await;
        house.is_put_back().await;
        house.does(&format!("INSERT INTO audit_chain SELECT 13, id, {other} FROM audit WHERE object = 'obj_13'")).await;
        house.is_refused(12, 13).await;
        house.does("DELETE FROM audit_chain WHERE seq = 13").await;
        // The last row made another, with everything before it in order.
        house.does(&format!("UPDATE audit_chain SET hash = {other} WHERE seq = 12")).await;
        house.is_refused(12, 12).await;
        house.does("DELETE FROM audit_chain WHERE seq = 12").await;
        house.is_put_back().await;
        // Every row of the chain is gone, and every checkpoint.
        house.does("DELETE FROM audit_chain; DELETE FROM audit_checkpoints WHERE seq = 6").await;
        house.is_refused(12, 0).await;
        house.is_put_back().await;
        seals(&house.app, &sealer(&house.app, "three")).await;
        assert_eq!(found(&house.app, &house.keys, &[]).await.wrong, None);
    }

    async fn a_memory_follows_the_chain_and_can_be_given_up(database) {
        let mut house = House::of(database).await;
        // Another machine seals meanwhile: the head that this one remembers is still in the chain.
        let vault = Arc::get_mut(&mut house.app.vault).expect("nobody else has it");
        let elsewhere = AuditHead::at(house.memory.path().with_file_name("elsewhere.head"));
        vault.audit_head = Some(elsewhere.clone());
        happens(&house.app, 13).await;
        seals(&house.app, &sealer(&house.app, "other")).await;
        assert_eq!(elsewhere.read().expect("read").map(|head| head.seq), Some(13));
        Arc::get_mut(&mut house.app.vault).expect("nobody else has it").audit_head = Some(house.memory.clone());
        database.execute("UPDATE audit_sealer SET lease_until = 1").await;
        seals(&house.app, &sealer(&house.app, "again")).await;
        assert_eq!(house.remembered().map(|head| head.seq), Some(13), "without anything to seal");

        house.is_cut_back().await;
        database.execute("UPDATE audit_sealer SET lease_until = 1").await;
        house.is_refused(13, 6).await;
        // A file that holds something else is no leave to go on.
        std::fs::write(house.memory.path(), "6:00\n").expect("written");
        let refused = seal_audit(&house.app, &sealer(&house.app, "three")).await.expect_err("refused");
        assert!(refused.to_string().contains("holds no head"), "{refused}");
        // An older copy that was put back knowingly: whoever takes the file away has the sealer go on.
        std::fs::remove_file(house.memory.path()).expect("it goes");
        database.execute("UPDATE audit_sealer SET lease_until = 1").await;
        happens(&house.app, 14).await;
        seals(&house.app, &sealer(&house.app, "four")).await;
        assert_eq!(found(&house.app, &house.keys, &[]).await.wrong, None);
        assert!(house.remembered().is_some());
    }
}
