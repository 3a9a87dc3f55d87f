//! What stands in the tables, asked past the store.

use sqlx::{Connection as _, Executor as _, Row as _};

use crate::databases::{Database, Kind};

/// Runs a statement.
pub async fn execute(database: &Database, text: &str) -> Result<(), sqlx::Error> {
    let text = sqlx::AssertSqlSafe(text.to_owned());
    match database.kind {
        Kind::Sqlite => sqlx::SqliteConnection::connect(&database.url).await?.execute(text).await.map(|_| ()),
        Kind::Postgres => sqlx::PgConnection::connect(&database.url).await?.execute(text).await.map(|_| ()),
    }
}

/// How many rows a table has.
pub async fn count(database: &Database, table: &str) -> i64 {
    let text = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    match database.kind {
        Kind::Sqlite => {
            let mut c = sqlx::SqliteConnection::connect(&database.url).await.expect("a connection");
            c.fetch_one(text).await.expect("a row").get(0)
        }
        Kind::Postgres => {
            let mut c = sqlx::PgConnection::connect(&database.url).await.expect("a connection");
            c.fetch_one(text).await.expect("a row").get(0)
        }
    }
}

/// The first column of a query as texts.
pub async fn texts(database: &Database, query: &str) -> Vec<String> {
    let text = sqlx::AssertSqlSafe(query.to_owned());
    match database.kind {
        Kind::Sqlite => {
            let mut c = sqlx::SqliteConnection::connect(&database.url).await.expect("a connection");
            c.fetch_all(text).await.expect("rows").iter().map(|row| row.get(0)).collect()
        }
        Kind::Postgres => {
            let mut c = sqlx::PgConnection::connect(&database.url).await.expect("a connection");
            c.fetch_all(text).await.expect("rows").iter().map(|row| row.get(0)).collect()
        }
    }
}

/// Whether any row of any table holds these bytes, as text, as bytes or in hexadecimal.
pub async fn holds(database: &Database, needle: &[u8]) -> bool {
    const TABLES: &[&str] = &[
        "brokerages",
        "people",
        "connections",
        "secrets",
        "drafts",
        "attempts",
        "checks",
        "jobs",
        "mails",
        "form_keys",
        "audit",
        "staff",
        "staff_sessions",
    ];
    let hex: String = needle.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut all = Vec::new();
    for table in TABLES {
        match database.kind {
            Kind::Postgres => {
                let query = format!("SELECT CAST({table} AS TEXT) FROM {table}");
                all.extend(texts(database, &query).await.into_iter().map(String::into_bytes));
            }
            Kind::Sqlite => {}
        }
    }
    if database.kind == Kind::Sqlite {
        // The file itself, the write-ahead log beside it included.
        let path = database.url.trim_start_matches("sqlite:");
        for ending in ["", "-wal"] {
            all.extend(std::fs::read(format!("{path}{ending}")));
        }
    }
    assert!(all.iter().map(Vec::len).sum::<usize>() > 500, "there is something to search");
    let found = |hay: &Vec<u8>, needle: &[u8]| hay.windows(needle.len()).any(|window| window == needle);
    all.iter().any(|hay| found(hay, needle) || found(hay, hex.as_bytes()))
}
