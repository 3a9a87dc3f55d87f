//! Ten thousand things that somebody who owns the database could do to the audit, each of which must be found.

use moxi_onboard::{
    app::App,
    clock::{Clock, Randomness},
    domain::audit::{Actor, AuditLine, Checkpoint},
    store::Store,
    vault::{
        audit_chain::{START, SignedCheckpoint, link},
        audit_key::AuditKey,
    },
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{found, happens, portal, sealer, seals};
use crate::databases::{Database, Kind, START as NOW};

const ROWS: i64 = 24;
const EACH_CHECKPOINT: i64 = 6;
const TIMES: usize = 10_000;
const TABLES: [&str; 4] = ["audit", "audit_chain", "audit_checkpoints", "audit_unsealed"];

/// The database of somebody who owns it, and what they do to it.
struct Owner {
    database: SqliteConnection,
    chance: Randomness,
    stranger: AuditKey,
}

impl Owner {
    async fn of(database: &Database) -> Self {
        let options: SqliteConnectOptions = database.url.parse().expect("an address");
        let options = options.foreign_keys(false).pragma("synchronous", "OFF");
        let mut open = SqliteConnection::connect_with(&options).await.expect("a connection");
        let guards: Vec<(String,)> = sqlx::query_as("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            .fetch_all(&mut open)
            .await
            .expect("names");
        for (guard,) in guards {
            open.execute(AssertSqlSafe(format!("DROP TRIGGER {guard}"))).await.expect("the guard goes");
        }
        for table in TABLES {
            let copy = format!("CREATE TABLE good_{table} AS SELECT * FROM {table}");
            open.execute(AssertSqlSafe(copy)).await.expect("a copy");
        }
        let chance = Randomness::seeded(20_261_121);
        let stranger = AuditKey::generate(jiff::civil::date(2026, 11, 21), &chance);
        Self { database: open, chance, stranger }
    }

    fn one_of(&self, from: i64, to: i64) -> i64 {
        let number = u32::from_be_bytes(self.chance.bytes());
        from + i64::from(number) % (to - from + 1)
    }

    fn row(&self) -> i64 {
        self.one_of(1, ROWS)
    }

    /// Two different rows.
    fn two(&self) -> (i64, i64) {
        let (one, step) = (self.row(), self.one_of(1, ROWS - 1));
        (one, (one - 1 + step) % ROWS + 1)
    }

    fn pick<'a>(&self, of: &[&'a str]) -> &'a str {
        let last = i64::try_from(of.len()).expect("few") - 1;
        of[usize::try_from(self.one_of(0, last)).expect("small")]
    }

    async fn does(&mut self, text: &str) {
        self.database
            .execute(AssertSqlSafe(text.to_owned()))
            .await
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    }

    async fn puts_everything_back(&mut self) {
        let mut text = "BEGIN;".to_owned();
        for table in TABLES {
            text.push_str(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM good_{table};"));
        }
        self.does(&(text + "COMMIT;")).await;
    }

    /// Does one thing, and says which.
    async fn manipulates(&mut self, store: &Store) -> String {
        let which = self.one_of(0, 17);
        let (row, (one, other)) = (self.row(), self.two());
        let line = |seq: i64| format!("(SELECT audit_id FROM audit_chain WHERE seq = {seq})");
        let text = match which {
            0 => {
                let change = self.pick(&[
                    "at = at + 1",
                    "actor = actor || ' '",
                    "actor_id = ''",
                    "verb = 'x' || verb",
                    "object = substr(object, 2)",
                    "brokerage_id = 'brk_1'",
                    "detail = detail || ' '",
                    "id = id || 'x'",
                    // What is no text or no number any more.
                    "at = 'abc'",
                    "at = at + 0.5",
                    "detail = CAST(detail AS BLOB)",
                    "id = NULL",
                ]);
                format!("UPDATE audit SET {change} WHERE id = {}", line(row))
            }
            1 => format!("DELETE FROM audit WHERE id = {}", line(row)),
            2 => format!("DELETE FROM audit_chain WHERE seq = {row}"),
            3 => format!("DELETE FROM audit WHERE id = {}; DELETE FROM audit_chain WHERE seq = {row}", line(row)),
            4 => format!(
                "DELETE FROM audit WHERE id = {}; DELETE FROM audit_chain WHERE seq = {row};
                 UPDATE audit_chain SET seq = -seq WHERE seq > {row}; UPDATE audit_chain SET seq = -seq - 1 WHERE seq < 0",
                line(row)
            ),
            5 => format!(
                "CREATE TEMP TABLE s AS SELECT seq, audit_id FROM audit_chain WHERE seq IN ({one}, {other});
                 UPDATE audit_chain SET audit_id = audit_id || '?' WHERE seq IN ({one}, {other});
                 UPDATE audit_chain SET audit_id = (SELECT audit_id FROM s WHERE seq = {other}) WHERE seq = {one};
                 UPDATE audit_chain SET audit_id = (SELECT audit_id FROM s WHERE seq = {one}) WHERE seq = {other};
                 DROP TABLE s"
            ),
            6 => format!(
                "UPDATE audit_chain SET seq = -1 WHERE seq = {one}; UPDATE audit_chain SET seq = {one} WHERE seq = {other};
                 UPDATE audit_chain SET seq = {other} WHERE seq = -1"
            ),
            7 => format!("INSERT INTO audit VALUES ('aud_x', {}, 'system', NULL, 'v', 'o', NULL, '{{}}')", NOW.as_micros()),
            8 => format!(
                "INSERT INTO audit SELECT 'aud_x', at, actor, actor_id, verb, object, brokerage_id, detail FROM audit WHERE id = {};
                 INSERT INTO audit_chain SELECT {}, 'aud_x', hash FROM audit_chain WHERE seq = {row}",
                line(row),
                self.pick(&["25", "-1", "0", "26", "1000", "-9223372036854775808", "9223372036854775807", "NULL", "3.5", "'x'"]),
            ),
            9 => format!(
                "INSERT INTO audit SELECT 'aud_x', at, actor, actor_id, verb, object, brokerage_id, detail FROM audit WHERE id = {};
                 UPDATE audit_chain SET seq = -seq WHERE seq >= {row}; UPDATE audit_chain SET seq = 1 - seq WHERE seq < 0;
                 INSERT INTO audit_chain SELECT {row}, 'aud_x', hash FROM audit_chain WHERE seq = {one} OR seq = 1 LIMIT 1",
                line(row)
            ),
            10 => format!(
                "DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_chain WHERE seq >= {row});
                 DELETE FROM audit_chain WHERE seq >= {row}"
            ),
            11 => {
                // To the end of a checkpoint, and every trace of what came behind it: only what was kept finds that.
                let last = EACH_CHECKPOINT * self.one_of(0, ROWS / EACH_CHECKPOINT - 1);
                format!(
                    "DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_chain WHERE seq > {last});
                     DELETE FROM audit_chain WHERE seq > {last}; DELETE FROM audit_checkpoints WHERE seq > {last}"
                )
            }
            12 => format!("UPDATE audit_chain SET hash = randomblob({}) WHERE seq = {row}", self.pick(&["32", "31", "0"])),
            13 => return self.makes_the_chain_anew(store, row, false).await,
            14 => return self.makes_the_chain_anew(store, row, true).await,
            15 => format!("DELETE FROM audit_checkpoints WHERE seq = {}", self.one_of(1, 4) * EACH_CHECKPOINT),
            16 => {
                let change = self.pick(&[
                    "at = at - 1",
                    "first_seq = first_seq + 1",
                    "hash = randomblob(32)",
                    "key_id = key_id || '0'",
                    "signature = randomblob(64)",
                    "seq = seq + 100",
                    "seq = seq - 1",
                ]);
                format!("UPDATE audit_checkpoints SET {change} WHERE seq = {}", self.one_of(1, 4) * EACH_CHECKPOINT)
            }
            _ => format!(
                "CREATE TEMP TABLE s AS SELECT * FROM audit WHERE id IN ({0}, {1});
                 UPDATE audit SET object = (SELECT object FROM s WHERE s.id <> audit.id),
                 detail = (SELECT detail FROM s WHERE s.id <> audit.id) WHERE id IN ({0}, {1}); DROP TABLE s",
                line(one),
                line(other)
            ),
        };
        self.does(&format!("BEGIN; {text}; COMMIT")).await;
        text
    }

    /// Changes a line and calculates everything behind it again, with signatures of a key of their own or the old ones.
    async fn makes_the_chain_anew(&mut self, store: &Store, row: i64, signs: bool) -> String {
        self.does(&format!(
            "UPDATE audit SET verb = 'other' WHERE id = (SELECT audit_id FROM audit_chain WHERE seq = {row})"
        ))
        .await;
        let mut read = store.read().await.expect("a transaction");
        let (links, checkpoints) =
            (read.links(0, 100).await.expect("rows"), read.checkpoints(0, 100).await.expect("rows"));
        drop(read);
        let mut previous = START;
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let mut text = "BEGIN;".to_owned();
        for one in links {
            previous = link(&previous, one.entry.as_ref().expect("a line"));
            text.push_str(&format!(
                "UPDATE audit_chain SET hash = x'{}' WHERE seq = {};",
                hex(&previous),
                one.seq
            ));
            let Some(checkpoint) = checkpoints.iter().find(|checkpoint| checkpoint.seq == one.seq) else {
                continue;
            };
            let head = Checkpoint { seq: one.seq, hash: previous };
            text.push_str(&format!("UPDATE audit_checkpoints SET hash = x'{}'", hex(&previous)));
            if signs {
                let signed =
                    SignedCheckpoint::sign(&self.stranger, checkpoint.first_seq, head, checkpoint.at);
                text.push_str(&format!(", signature = x'{}'", hex(&signed.signature)));
                if row % 2 == 0 {
                    text.push_str(&format!(", key_id = '{}'", signed.key_id));
                }
            }
            text.push_str(&format!(" WHERE seq = {};", one.seq));
        }
        self.does(&(text + "COMMIT;")).await;
        format!("the chain made anew from row {row}, signed anew: {signs}")
    }
}

async fn sealed(database: &Database) -> (App, moxi_onboard::vault::audit_key::AuditPublicKeys) {
    let (app, keys) = portal(database).await;
    let one = sealer(&app, "one");
    for object in 1..=ROWS {
        happens(&app, usize::try_from(object).expect("small")).await;
        if object % EACH_CHECKPOINT == 0 {
            seals(&app, &one).await;
        }
    }
    (app, keys)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_manipulations_are_all_found() {
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let (app, keys) = sealed(&database).await;
    let good = found(&app, &keys, &[]).await;
    let kept = [good.last.expect("a checkpoint").0];
    app.store.close().await;
    let store = Store::open_to_look(&database.url, Clock::standing_at(NOW), Randomness::system())
        .await
        .expect("it opens");
    let mut owner = Owner::of(&database).await;
    let app = App { store: store.clone(), ..app };
    for time in 0..TIMES {
        let text = owner.manipulates(&store).await;
        let verified = found(&app, &keys, &kept).await;
        assert!(verified.wrong.is_some(), "not found, time {time}: {text}");
        owner.puts_everything_back().await;
    }
    assert_eq!(found(&app, &keys, &kept).await, good, "what was put back is good again");
}

/// The chain is read a thousand rows at a time: what stands between two parts is not passed over.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_line_of_the_same_id_is_found_wherever_it_stands() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let (app, keys) = portal(&database).await;
    let lines: Vec<AuditLine> = (1..=1010)
        .map(|number| AuditLine::new(Actor::System, "test.event", format!("obj_{number}")))
        .collect();
    app.store.write().await.expect("a transaction").commit(&lines).await.expect("a commit");
    seals(&app, &sealer(&app, "one")).await;
    assert_eq!(found(&app, &keys, &[]).await.wrong, None);
    let unguarded =
        "ALTER TABLE audit DISABLE TRIGGER ALL; ALTER TABLE audit DROP CONSTRAINT audit_pkey CASCADE";
    database.execute(unguarded).await;
    for row in [1000, 500] {
        database
            .execute(&format!(
                "INSERT INTO audit SELECT id, at + 7, 'staff', 'stf_1', 'access.show', 'look_1', NULL, '{{}}'
                 FROM audit WHERE id = (SELECT audit_id FROM audit_chain WHERE seq = {row})"
            ))
            .await;
        assert!(found(&app, &keys, &[]).await.wrong.is_some(), "not found at row {row}");
        database.execute("DELETE FROM audit WHERE verb = 'access.show'").await;
    }
    assert_eq!(found(&app, &keys, &[]).await.wrong, None);
}

/// The same on the other database, where it costs more: each thing once.
#[tokio::test(flavor = "multi_thread")]
async fn manipulations_on_postgres_are_found() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let (app, keys) = sealed(&database).await;
    let kept = [found(&app, &keys, &[]).await.last.expect("a checkpoint").0];
    for table in ["audit", "audit_chain", "audit_checkpoints"] {
        database.execute(&format!("ALTER TABLE {table} DISABLE TRIGGER ALL")).await;
        database.execute(&format!("CREATE TABLE good_{table} AS SELECT * FROM {table}")).await;
    }
    let line = "(SELECT audit_id FROM audit_chain WHERE seq = 9)";
    for text in [
        format!("UPDATE audit SET detail = '{{}}' WHERE id = {line}"),
        format!("UPDATE audit SET actor_id = '' WHERE id = {line}"),
        format!("DELETE FROM audit WHERE id = {line}"),
        "DELETE FROM audit_chain WHERE seq = 9".to_owned(),
        "DELETE FROM audit_chain WHERE seq > 9".to_owned(),
        "DELETE FROM audit_checkpoints WHERE seq = 12".to_owned(),
        "INSERT INTO audit VALUES ('aud_x', 1, 'system', NULL, 'v', 'o', NULL, '{}')".to_owned(),
        "INSERT INTO audit VALUES ('aud_x', 1, 'system', NULL, 'v', 'o', NULL, '{}');
         INSERT INTO audit_chain VALUES (-9223372036854775808, 'aud_x', decode('00', 'hex'))"
            .to_owned(),
        "DELETE FROM audit_checkpoints WHERE seq > 12; DELETE FROM audit_chain WHERE seq > 12;
         DELETE FROM audit WHERE id NOT IN (SELECT audit_id FROM audit_chain)"
            .to_owned(),
    ] {
        database.execute(&text).await;
        assert!(found(&app, &keys, &kept).await.wrong.is_some(), "not found: {text}");
        for table in ["audit_checkpoints", "audit_chain", "audit"] {
            database.execute(&format!("DELETE FROM {table}")).await;
        }
        for table in ["audit", "audit_chain", "audit_checkpoints"] {
            database.execute(&format!("INSERT INTO {table} SELECT * FROM good_{table}")).await;
        }
    }
    assert_eq!(found(&app, &keys, &kept).await.wrong, None);
}
