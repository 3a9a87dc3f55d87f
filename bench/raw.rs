//! The database alone: how often a second it commits the rows of one submission, without our program.
//!
//! The rows are those that a real submission left behind. They are written into tables of the same columns without
//! any index or rule, with one commit for each set: less work than the portal's transaction, so its rate is a ceiling.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

use crate::databases::{Database, Kind};

/// The tables that one submission writes rows to, and which rows are the newest submission's.
const ROWS: [(&str, &str); 7] = [
    ("attempts", "id = (SELECT id FROM attempts ORDER BY submitted_at DESC LIMIT 1)"),
    ("checks", "id = (SELECT id FROM checks ORDER BY created_at DESC LIMIT 1)"),
    ("jobs", "id = (SELECT id FROM jobs WHERE kind = 'run_check' ORDER BY created_at DESC LIMIT 1)"),
    ("mails", "id = (SELECT id FROM mails WHERE kind <> 'sign_in_code' ORDER BY created_at DESC LIMIT 1)"),
    ("audit", "id = (SELECT id FROM audit ORDER BY at DESC LIMIT 1)"),
    ("form_keys", "key = (SELECT key FROM form_keys ORDER BY created_at DESC LIMIT 1)"),
    ("connections", "id = (SELECT connection_id FROM attempts ORDER BY submitted_at DESC LIMIT 1)"),
];

/// Commits a second over this many connections, for `time`. SQLite has one writer, whatever is asked for.
pub async fn commits_per_second(database: &Database, connections: usize, time: Duration) -> f64 {
    prepare(database).await;
    let done = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let writers = match database.kind {
        Kind::Sqlite => 1,
        Kind::Postgres => connections,
    };
    let writers = (0..writers).map(|_| {
        let (url, kind, done) = (database.url.clone(), database.kind, Arc::clone(&done));
        tokio::spawn(async move {
            match kind {
                Kind::Sqlite => sqlite(&url, begun, time, &done).await,
                Kind::Postgres => postgres(&url, begun, time, &done).await,
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no panic");
    }
    done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

async fn prepare(database: &Database) {
    let texts = ROWS.iter().flat_map(|(table, which)| {
        [
            format!("DROP TABLE IF EXISTS raw_{table}"),
            format!("DROP TABLE IF EXISTS one_{table}"),
            format!("CREATE TABLE one_{table} AS SELECT * FROM {table} WHERE {which}"),
            format!("CREATE TABLE raw_{table} AS SELECT * FROM {table} WHERE 1 = 0"),
        ]
    });
    for text in texts {
        let text = AssertSqlSafe(text);
        match database.kind {
            Kind::Sqlite => open_sqlite(&database.url).await.execute(text).await.map(|_| ()),
            Kind::Postgres => {
                let mut open = PgConnection::connect(&database.url).await.expect("a connection");
                open.execute(text).await.map(|_| ())
            }
        }
        .expect("a table");
    }
}

fn inserts() -> Vec<String> {
    ROWS.iter().map(|(table, _)| format!("INSERT INTO raw_{table} SELECT * FROM one_{table}")).collect()
}

async fn open_sqlite(url: &str) -> SqliteConnection {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
    let options: SqliteConnectOptions = url.parse().expect("an address");
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10));
    SqliteConnection::connect_with(&options).await.expect("a connection")
}

async fn sqlite(url: &str, begun: Instant, time: Duration, done: &AtomicUsize) {
    let mut open = open_sqlite(url).await;
    let inserts = inserts();
    while begun.elapsed() < time {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut open).await.expect("a transaction");
        for insert in &inserts {
            sqlx::query(AssertSqlSafe(insert.as_str())).execute(&mut open).await.expect("a row");
        }
        sqlx::query("COMMIT").execute(&mut open).await.expect("a commit");
        done.fetch_add(1, Ordering::Relaxed);
    }
}

async fn postgres(url: &str, begun: Instant, time: Duration, done: &AtomicUsize) {
    let mut open = PgConnection::connect(url).await.expect("a connection");
    let inserts = inserts();
    while begun.elapsed() < time {
        let mut tx = open.begin().await.expect("a transaction");
        for insert in &inserts {
            sqlx::query(AssertSqlSafe(insert.as_str())).execute(&mut *tx).await.expect("a row");
        }
        tx.commit().await.expect("a commit");
        done.fetch_add(1, Ordering::Relaxed);
    }
}
