//! A fresh database for each test, on SQLite and on PostgreSQL.

use std::{
    io::Write as _,
    path::PathBuf,
    sync::{
        Once,
        atomic::{AtomicU32, Ordering},
    },
};

use moxi_onboard::{
    clock::{Clock, Randomness},
    domain::instant::Instant,
    store::Store,
};
use sqlx::{Connection as _, Executor as _};

/// Where the tests' clock begins: 21 November 2026, 10:42 UTC.
pub const START: Instant = Instant::from_micros(1_795_257_720_000_000);

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A database of a test's own; it is gone when the test is over.
pub struct Database {
    pub kind: Kind,
    pub url: String,
    folder: PathBuf,
    name: String,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// Makes one, or `None` where PostgreSQL is not there and the run allows to skip.
    pub async fn make(kind: Kind) -> Option<Self> {
        what_fails_is_told_at_once();
        let count = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("moxi_{}_{count}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        match kind {
            Kind::Sqlite => {
                let url = format!("sqlite:{}", folder.join("portal.db").display());
                Some(Self { kind, url, folder, name })
            }
            Kind::Postgres => {
                let server = postgres_server()?;
                let mut admin =
                    sqlx::PgConnection::connect(&server).await.expect("the tests' PostgreSQL answers");
                let make = format!(
                    "CREATE DATABASE {name} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
                );
                admin.execute(sqlx::AssertSqlSafe(make)).await.expect("a database is made");
                let url =
                    server.rsplit_once('/').map(|(head, _)| format!("{head}/{name}")).expect("an address");
                Some(Self { kind, url, folder, name })
            }
        }
    }

    /// Opens a store on it with this clock.
    pub async fn open(&self, clock: &Clock) -> Store {
        Store::open(&self.url, 8, clock.clone(), Randomness::system()).await.expect("the store opens")
    }
}

/// So much of what a test said when it failed is told at once.
const TOLD: usize = 2_000;

/// The harness keeps what failed until the last test has ended. In a run of many minutes, or one that is cut off, the
/// beginning of it stands beside the test's own line as well.
fn what_fails_is_told_at_once() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let thread = std::thread::current();
            if let Some(test) = thread.name().filter(|name| name.contains("::")) {
                let said: String = panic.to_string().chars().take(TOLD).collect();
                // Straight to the stream: the macros' output is what the harness keeps.
                let _ = writeln!(std::io::stderr(), "in {test}: {said}");
            }
            before(panic);
        }));
    });
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        if self.kind == Kind::Postgres
            && let Some(server) = postgres_server()
        {
            let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
            // A runtime of its own: the test's may be ending.
            let _ = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
                runtime.block_on(async {
                    let mut admin = sqlx::PgConnection::connect(&server).await.ok()?;
                    admin.execute(sqlx::AssertSqlSafe(drop)).await.ok()
                })
            })
            .join();
        }
    }
}

/// The address of the tests' PostgreSQL. A run without one fails and says what to do, unless it allows to skip.
fn postgres_server() -> Option<String> {
    let server = std::env::var("MOXI_TEST_POSTGRES").ok();
    if server.is_none() && std::env::var("MOXI_ALLOW_SKIPS").is_err() {
        panic!(
            "no PostgreSQL for the tests: run MOXI_TEST_POSTGRES=$(scripts/postgres start) first, or scripts/test"
        );
    }
    server
}

/// Writes one test twice: once for SQLite, once for PostgreSQL.
macro_rules! on_both {
    ($(async fn $name:ident($database:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn story($database: &crate::databases::Database) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                let database = crate::databases::Database::make(crate::databases::Kind::Sqlite).await;
                story(&database.expect("SQLite is always there")).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                let Some(database) = crate::databases::Database::make(crate::databases::Kind::Postgres).await else { return };
                story(&database).await;
            }
        }
    )+};
}
pub(crate) use on_both;

impl Database {
    /// Runs a text beside the store, as an accident or an operator would.
    pub async fn execute(&self, text: &str) {
        let text = sqlx::AssertSqlSafe(text.to_owned());
        match self.kind {
            Kind::Sqlite => {
                let options: sqlx::sqlite::SqliteConnectOptions = self.url.parse().expect("an address");
                let options = options.busy_timeout(std::time::Duration::from_secs(10));
                let mut c = sqlx::SqliteConnection::connect_with(&options).await.expect("a connection");
                c.execute(text).await.expect("it runs");
            }
            Kind::Postgres => {
                let mut c = sqlx::PgConnection::connect(&self.url).await.expect("a connection");
                c.execute(text).await.expect("it runs");
            }
        }
    }

    /// Whether the database lets a text run.
    pub async fn allows(&self, text: &str) -> bool {
        let text = sqlx::AssertSqlSafe(text.to_owned());
        match self.kind {
            Kind::Sqlite => {
                let mut c = sqlx::SqliteConnection::connect(&self.url).await.expect("a connection");
                c.execute(text).await.is_ok()
            }
            Kind::Postgres => {
                let mut c = sqlx::PgConnection::connect(&self.url).await.expect("a connection");
                c.execute(text).await.is_ok()
            }
        }
    }

    /// Counts rows beside the store.
    pub async fn count(&self, from: &str) -> i64 {
        let text = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {from}"));
        let (count,): (i64,) = match self.kind {
            Kind::Sqlite => {
                let mut c = sqlx::SqliteConnection::connect(&self.url).await.expect("a connection");
                sqlx::query_as(text).fetch_one(&mut c).await
            }
            Kind::Postgres => {
                let mut c = sqlx::PgConnection::connect(&self.url).await.expect("a connection");
                sqlx::query_as(text).fetch_one(&mut c).await
            }
        }
        .expect("a count");
        count
    }
}
