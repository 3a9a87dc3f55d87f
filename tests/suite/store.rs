//! The store's own promises, on both databases.

use std::time::{Duration, Instant};

use moxi_onboard::{
    clock::Clock,
    domain::{
        audit::{Actor, AuditLine},
        connection::{MOVES, State},
        ids::BrokerageId,
    },
    store::Quiet,
};
use sqlx::{Connection as _, Executor as _};

use crate::databases::{Database, Kind, START, on_both};

on_both! {
    async fn every_text_is_understood(database) {
        let store = database.open(&Clock::standing_at(START)).await;
        store.prepare_all().await.expect("every text prepares");
    }

    async fn it_opens_twice_and_migrates_once(database) {
        let clock = Clock::standing_at(START);
        let first = database.open(&clock).await;
        let second = database.open(&clock).await;
        let expected = match database.kind { Kind::Sqlite => "SQLite 3.5", Kind::Postgres => "PostgreSQL" };
        assert!(first.version().await.expect("a version").starts_with(expected));
        second.close().await;
        assert!(first.read().await.is_ok());
    }

    async fn audit_lines_are_kept_as_written(database) {
        let store = database.open(&Clock::standing_at(START)).await;
        let brokerage = BrokerageId::from_random([7; 16]);
        let line = AuditLine::new(Actor::System, "test.write", "x").of(&brokerage).with("count", "1");
        store.write().await.expect("a transaction").commit(&[line]).await.expect("a commit");
        store.write().await.expect("a transaction").commit_quietly(Quiet::Tick).await.expect("a commit");
        let rows = store.read().await.expect("a transaction").audit_of(&brokerage).await.expect("rows");
        assert_eq!(rows.iter().map(|row| (row.verb.as_str(), row.detail.as_str())).collect::<Vec<_>>(), [("test.write", r#"{"count":"1"}"#)]);
        assert_eq!(rows[0].at, START);

        for change in ["UPDATE audit SET verb = 'other'", "DELETE FROM audit"] {
            let refused = execute(database, change).await.expect_err("the guard refuses");
            assert!(refused.to_string().contains("audit lines are"), "{refused}");
        }
    }

    async fn the_table_of_moves_is_the_one_in_the_source(database) {
        let store = database.open(&Clock::standing_at(START)).await;
        drop(store);
        let mut stored = moves(database).await;
        let mut known: Vec<(String, String)> = MOVES.iter().map(|(from, to)| (from.as_str().to_owned(), to.as_str().to_owned())).collect();
        stored.sort();
        known.sort();
        assert_eq!(stored, known);
        assert!(State::ALL.iter().all(|state| known.iter().any(|(from, _)| from == state.as_str())));
    }
}

async fn execute(database: &Database, text: &'static str) -> Result<(), sqlx::Error> {
    match database.kind {
        Kind::Sqlite => sqlx::SqliteConnection::connect(&database.url).await?.execute(text).await.map(|_| ()),
        Kind::Postgres => sqlx::PgConnection::connect(&database.url).await?.execute(text).await.map(|_| ()),
    }
}

async fn moves(database: &Database) -> Vec<(String, String)> {
    const TEXT: &str = "SELECT from_state, to_state FROM connection_moves";
    match database.kind {
        Kind::Sqlite => {
            let mut c = sqlx::SqliteConnection::connect(&database.url).await.expect("a connection");
            sqlx::query_as(TEXT).fetch_all(&mut c).await
        }
        Kind::Postgres => {
            let mut c = sqlx::PgConnection::connect(&database.url).await.expect("a connection");
            sqlx::query_as(TEXT).fetch_all(&mut c).await
        }
    }
    .expect("rows")
}

on_both! {
    // Whoever goes away while a transaction begins leaves no connection behind in one.
    async fn a_beginning_that_is_abandoned_leaves_no_transaction_open(database) {
        let store = database.open(&Clock::standing_at(START)).await;
        for times in 0..1000_u64 {
            // At every moment of the way to a transaction.
            let (begins, stays) = (Instant::now(), Duration::from_micros(times * 7 % 1400));
            let away = async {
                while begins.elapsed() < stays {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                () = away => {}
                begun = store.read() => drop(begun.expect("a transaction")),
            }
            // In what somebody else left open, a transaction that only reads, this could not be written.
            let line = AuditLine::new(Actor::System, "test.write", times.to_string());
            store.write().await.expect("a transaction").commit(&[line]).await.expect("a commit");
        }
    }
}
