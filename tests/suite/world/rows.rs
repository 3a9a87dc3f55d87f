//! The tests' own look at the database: every row of every table, past the store.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};

use crate::databases::{Database, Kind};

/// Runs a query whose columns are all texts; none reads as an empty text.
pub async fn texts(database: &Database, query: &str) -> Vec<Vec<String>> {
    let query = AssertSqlSafe(query.to_owned());
    match database.kind {
        Kind::Sqlite => {
            let mut open = sqlite(database).await;
            let rows = sqlx::query(query).fetch_all(&mut open).await.expect("rows");
            let text = |row: &sqlx::sqlite::SqliteRow, at| {
                row.try_get_unchecked::<Option<String>, _>(at).expect("a text").unwrap_or_default()
            };
            rows.iter().map(|row| (0..row.len()).map(|at| text(row, at)).collect()).collect()
        }
        Kind::Postgres => {
            let mut open = PgConnection::connect(&database.url).await.expect("a connection");
            let rows = sqlx::query(query).fetch_all(&mut open).await.expect("rows");
            let text = |row: &sqlx::postgres::PgRow, at| {
                row.try_get::<Option<String>, _>(at).expect("a text").unwrap_or_default()
            };
            rows.iter().map(|row| (0..row.len()).map(|at| text(row, at)).collect()).collect()
        }
    }
}

/// Changes rows past the store: what only time or staff would do.
pub async fn execute(database: &Database, statement: &str) {
    let statement = AssertSqlSafe(statement.to_owned());
    let done = match database.kind {
        Kind::Sqlite => {
            let mut open = SqliteConnection::connect(&database.url).await.expect("a connection");
            sqlx::query(statement).execute(&mut open).await.map(|_| ())
        }
        Kind::Postgres => {
            let mut open = PgConnection::connect(&database.url).await.expect("a connection");
            sqlx::query(statement).execute(&mut open).await.map(|_| ())
        }
    };
    done.expect("the statement runs");
}

async fn sqlite(database: &Database) -> SqliteConnection {
    let options: sqlx::sqlite::SqliteConnectOptions = database.url.parse().expect("an address");
    let options = options.read_only(true).create_if_missing(false);
    sqlx::ConnectOptions::connect(&options).await.expect("a connection")
}

/// The tables there are.
pub async fn tables(database: &Database) -> Vec<String> {
    let query = match database.kind {
        Kind::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Kind::Postgres => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'"
        }
    };
    texts(database, query).await.into_iter().flatten().collect()
}

/// Everything the database holds, piece by piece, with the place it stands in: rows as text, byte columns as the
/// bytes they are, and for SQLite its files as they lie on the disk.
pub async fn everything(database: &Database) -> Vec<(String, Vec<u8>)> {
    let mut pieces = Vec::new();
    for table in tables(database).await {
        let query = match database.kind {
            Kind::Sqlite => sqlite_rows(database, &table).await,
            Kind::Postgres => format!("SELECT t::text FROM {table} t"),
        };
        let rows = texts(database, &query).await.into_iter().flatten();
        for row in rows {
            let bytes = bytes_in(&row);
            pieces.push((format!("table {table}"), row.into_bytes()));
            pieces.extend(bytes.into_iter().map(|bytes| (format!("a byte column of {table}"), bytes)));
        }
    }
    if database.kind == Kind::Sqlite {
        let file = database.url.strip_prefix("sqlite:").expect("an address");
        for ending in ["", "-wal", "-shm", "-journal"] {
            let name = format!("{file}{ending}");
            pieces.extend(std::fs::read(&name).ok().map(|bytes| (name, bytes)));
        }
    }
    pieces
}

/// The text of a query for each row of a table as one line of quoted values.
async fn sqlite_rows(database: &Database, table: &str) -> String {
    let columns = texts(database, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
    let quoted: Vec<_> = columns.into_iter().flatten().map(|column| format!("quote(\"{column}\")")).collect();
    format!("SELECT {} FROM \"{table}\"", quoted.join(" || ' ' || "))
}

/// The byte values in a row as either database prints it: `\x0a0b` or `X'0A0B'`.
fn bytes_in(row: &str) -> Vec<Vec<u8>> {
    let starts = row.match_indices("\\x").chain(row.match_indices("X'"));
    let hex = |(at, _): (usize, &str)| -> Vec<u8> {
        let digits = row[at + 2..].bytes().take_while(u8::is_ascii_hexdigit).collect::<Vec<_>>();
        digits
            .chunks_exact(2)
            .map(|two| std::str::from_utf8(two).expect("digits"))
            .map(|two| u8::from_str_radix(two, 16).expect("digits"))
            .collect()
    };
    starts.map(hex).filter(|bytes| bytes.len() >= 8).collect()
}

/// How many rows a query counts.
pub async fn count(database: &Database, query: &str) -> i64 {
    let cast = format!("SELECT CAST(n AS TEXT) FROM ({query}) AS counted (n)");
    let cast = match database.kind {
        Kind::Postgres => cast,
        Kind::Sqlite => format!("WITH counted (n) AS ({query}) SELECT CAST(n AS TEXT) FROM counted"),
    };
    texts(database, &cast).await[0][0].parse().expect("a number")
}
