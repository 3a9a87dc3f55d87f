//! The two databases. This is the only file that names one of them.
//!
//! Every query is one text that both understand; [`on!`] repeats one expression for both kinds of transaction,
//! so types stay native and no query is written twice. What differs - how a transaction begins, whose clock
//! counts, how audit lines are guarded, how processes wake each other - is here.

use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::error::{Result, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How long a process waits for a free connection before it says that the database is away.
const ACQUIRE: Duration = Duration::from_secs(5);

/// The pools of one process.
#[derive(Clone)]
pub(super) enum Pool {
    /// One writer connection, so that writers queue here and not in locks, and readers beside it.
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    /// One pool for both.
    Postgres(PgPool),
}

/// How a database stands to this version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The number of the newest migration it has; 0 where nobody has ever started on it.
    pub applied: i64,
    /// The number of the newest migration of this version.
    pub newest: i64,
    /// What is wrong with how it was set up, and what to do.
    pub trouble: Option<String>,
}

/// An open transaction.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Repeats one expression for both kinds of transaction: `on!(self.tx, c => query(TEXT).execute(c).await)`.
macro_rules! on {
    ($tx:expr, $connection:ident => $expression:expr) => {
        match &mut $tx {
            $crate::store::dialect::Tx::Sqlite(tx) => {
                let $connection = &mut **tx;
                $expression
            }
            $crate::store::dialect::Tx::Postgres(tx) => {
                let $connection = &mut **tx;
                $expression
            }
        }
    };
}
pub(super) use on;

impl Pool {
    /// Opens `sqlite:FILE` or `postgres://…`; makes the file and its folder when they are not there.
    pub(super) async fn open(url: &str, connections: u32) -> Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url, connections).await
        } else if url.starts_with("sqlite:") {
            Self::open_sqlite(url, connections).await
        } else {
            Err(StoreError::Setup("[database] url must begin with sqlite: or postgres://".to_owned()))
        }
    }

    /// Opens what is there, only to read.
    pub(super) async fn open_to_look(url: &str) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let options = sqlite_options(url)?.read_only(true).busy_timeout(Duration::from_secs(5));
            let readers = SqlitePoolOptions::new().max_connections(2).acquire_timeout(ACQUIRE);
            let readers = readers.connect_with(options).await.map_err(setup)?;
            return Ok(Self::Sqlite { writer: readers.clone(), readers });
        }
        let options = postgres_options(url)?.options([("default_transaction_read_only", "on")]);
        let pool = PgPoolOptions::new().max_connections(2).acquire_timeout(ACQUIRE);
        Ok(Self::Postgres(pool.connect_with(options).await.map_err(setup)?))
    }

    /// How the database stands to this version.
    pub(super) async fn standing(&self) -> Result<Standing> {
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
        let applied: sqlx::Result<(i64,)> = match self {
            Self::Sqlite { readers, .. } => sqlx::query_as(APPLIED).fetch_one(readers).await,
            Self::Postgres(pool) => sqlx::query_as(APPLIED).fetch_one(pool).await,
        };
        let applied = match applied {
            Ok((applied,)) => applied,
            // There is no such table: nobody has ever started on this database.
            Err(sqlx::Error::Database(_)) => 0,
            Err(error) => return Err(error.into()),
        };
        let trouble = match self {
            Self::Sqlite { .. } => None,
            Self::Postgres(pool) => locale_trouble(pool).await?,
        };
        Ok(Standing { applied, newest, trouble })
    }

    async fn open_sqlite(url: &str, connections: u32) -> Result<Self> {
        let options = sqlite_options(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            // 16 MiB for each connection instead of 2: a page of the queue looks up rows all over large tables.
            .pragma("cache_size", "-16384")
            // What retention deletes shall not linger in free pages.
            .pragma("secure_delete", "ON");
        make_private(options.get_filename())?;
        let pool = |most: u32| {
            SqlitePoolOptions::new().max_connections(most).min_connections(1).acquire_timeout(ACQUIRE)
        };
        let writer = pool(1).connect_with(options.clone()).await.map_err(setup)?;
        MIGRATIONS.run(&writer).await.map_err(migration)?;
        let readers = pool(connections.max(1)).connect_with(options.read_only(true)).await.map_err(setup)?;
        for guard in SQLITE_GUARDS {
            sqlx::raw_sql(*guard).execute(&writer).await?;
        }
        Ok(Self::Sqlite { writer, readers })
    }

    async fn open_postgres(url: &str, connections: u32) -> Result<Self> {
        let options = postgres_options(url)?.options([
            ("statement_timeout", "15000"),
            ("idle_in_transaction_session_timeout", "15000"),
            // What is asked often lies in memory or on flash. At the default of 4, made for turning disks, a page of
            // fifty rows is put together by reading a whole table: 2.7 ms instead of 0.75 among 100,000 connections.
            ("random_page_cost", "1.1"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(ACQUIRE)
            .connect_with(options)
            .await
            .map_err(setup)?;
        if let Some(trouble) = locale_trouble(&pool).await? {
            return Err(StoreError::Setup(trouble));
        }
        MIGRATIONS.run(&pool).await.map_err(migration)?;
        sqlx::raw_sql(POSTGRES_GUARDS).execute(&pool).await?;
        Ok(Self::Postgres(pool))
    }

    /// Begins a transaction that reads one state of the database: PostgreSQL would else show each query what was
    /// committed meanwhile, and a draft could be seen beside the attempt that it has become.
    pub(super) async fn begin_read(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Tx::Sqlite(readers.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(begun(pool, POSTGRES_READ).await?),
        })
    }

    /// Begins a transaction that writes. SQLite takes its write lock at once: a transaction that reads first
    /// and asks for the lock later is refused when another wrote meanwhile.
    pub(super) async fn begin_write(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(begun(pool, "BEGIN").await?),
        })
    }

    /// Ends all connections.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// Whether connections were ended by us.
    pub(super) fn is_closed(&self) -> bool {
        match self {
            Self::Sqlite { writer, .. } => writer.is_closed(),
            Self::Postgres(pool) => pool.is_closed(),
        }
    }

    /// What the database calls itself, for `doctor` and the log.
    pub(super) async fn version(&self) -> Result<String> {
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                let (version,): (String,) =
                    sqlx::query_as("SELECT sqlite_version()").fetch_one(readers).await?;
                format!("SQLite {version}")
            }
            Self::Postgres(pool) => {
                let (version,): (String,) = sqlx::query_as("SHOW server_version").fetch_one(pool).await?;
                format!("PostgreSQL {version}")
            }
        })
    }

    /// Asks the database to understand each text, without running it.
    pub(super) async fn prepare(&self, texts: &[&'static str]) -> Result<()> {
        use sqlx::{Executor as _, SqlSafeStr as _};
        for text in texts {
            match self {
                Self::Sqlite { writer, .. } => writer.prepare(text.into_sql_str()).await.map(|_| ()),
                Self::Postgres(pool) => pool.prepare(text.into_sql_str()).await.map(|_| ()),
            }
            .map_err(|error| StoreError::Setup(format!("{text}\n{error}")))?;
        }
        Ok(())
    }

    /// Tells the other processes which topics changed. Alone in its transaction: inside the writing one a
    /// notification would make writers wait for each other. One process on SQLite has nobody to tell.
    pub(super) async fn notify(&self, payload: &str) -> Result<()> {
        if let Self::Postgres(pool) = self {
            sqlx::query("SELECT pg_notify('moxi_onboard', $1)").bind(payload).execute(pool).await?;
        }
        Ok(())
    }

    /// Listens to what other processes tell; `None` where there are none.
    pub(super) async fn listen(&self) -> Result<Option<Listener>> {
        let Self::Postgres(pool) = self else { return Ok(None) };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen("moxi_onboard").await?;
        Ok(Some(Listener(listener)))
    }
}

/// What other processes tell.
pub(super) struct Listener(PgListener);

impl Listener {
    /// The next payload; reconnects by itself, `None` when something may have been missed meanwhile.
    pub(super) async fn next(&mut self) -> Result<Option<String>> {
        Ok(self.0.try_recv().await?.map(|told| told.payload().to_owned()))
    }
}

impl Tx {
    /// Ends the transaction; an error here leaves open whether it was written.
    pub(super) async fn commit(self) -> Result<()> {
        let ended = match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        };
        ended.map_err(|error| match StoreError::from(error) {
            StoreError::Away(source) => StoreError::CommitUnknown(source),
            other => other,
        })
    }

    /// Lets one transaction after the other go on from here, of those that name the same key; until it ends. Where
    /// writers wait for each other anyway there is nothing to do.
    pub(super) async fn in_turn(&mut self, key: i64) -> Result<()> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(key).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// The database's own clock, which all processes share; `None` where the process is alone with its file and
    /// its own clock is the one that counts.
    pub(super) async fn shared_now(&mut self) -> Result<Option<i64>> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(tx) => {
                let (micros,): (i64,) = sqlx::query_as(POSTGRES_NOW).fetch_one(&mut **tx).await?;
                Ok(Some(micros))
            }
        }
    }
}

fn sqlite_options(url: &str) -> Result<SqliteConnectOptions> {
    SqliteConnectOptions::from_str(url)
        .map_err(|error| StoreError::Setup(format!("[database] url cannot be read: {error}")))
}

fn postgres_options(url: &str) -> Result<PgConnectOptions> {
    let unread = |_| StoreError::Setup("[database] url cannot be read as a PostgreSQL address".to_owned());
    Ok(PgConnectOptions::from_str(url).map_err(unread)?.application_name("moxi-onboard"))
}

/// What is wrong with the encoding or the order of texts.
async fn locale_trouble(pool: &PgPool) -> Result<Option<String>> {
    let (encoding, collation): (String, String) = sqlx::query_as(POSTGRES_LOCALE).fetch_one(pool).await?;
    let good = encoding == "UTF8" && ["C", "C.UTF-8", "C.UTF8"].contains(&collation.as_str());
    Ok((!good).then(|| {
        format!(
            "the PostgreSQL database has encoding {encoding} and collation {collation}; make it anew with: \
             CREATE DATABASE name ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
    }))
}

fn setup(error: sqlx::Error) -> StoreError {
    StoreError::Away(error)
}

fn migration(error: sqlx::migrate::MigrateError) -> StoreError {
    use sqlx::migrate::MigrateError;
    match error {
        MigrateError::VersionMissing(version) => StoreError::Setup(format!(
            "the database was made by a newer version of the portal (migration {version}); start that version"
        )),
        MigrateError::Execute(source) => StoreError::from(source),
        other => StoreError::Setup(format!("the database cannot be brought to this version: {other}")),
    }
}

/// Makes a database file and its folder; nobody but the portal's own user shall look into them. The files that the
/// database makes beside it get the same mode.
fn make_private(file: &Path) -> Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    let said = |error| StoreError::Setup(format!("{} cannot be made: {error}", file.display()));
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(said)?;
    }
    let new = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    match new {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(said(error)),
        _ => Ok(()),
    }
}

/// Begins a transaction, to the end of that: whoever waits for it may go away meanwhile, as a visitor does who closes a page.
/// The library gives a connection back whose BEGIN was abandoned, and the next one would find itself in a transaction of
/// somebody else: what it writes would never be committed.
async fn begun(pool: &PgPool, text: &'static str) -> sqlx::Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    match tokio::spawn(async move { pool.begin_with(text).await }).await {
        Ok(begun) => begun,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The process stops.
            Err(_) => Err(sqlx::Error::PoolClosed),
        },
    }
}

const APPLIED: &str = "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM _sqlx_migrations WHERE success";

const POSTGRES_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const POSTGRES_NOW: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

const POSTGRES_LOCALE: &str = "
SELECT pg_encoding_to_char(encoding), datcollate
FROM pg_database
WHERE datname = current_database()";

const SQLITE_GUARDS: &[&str] = &[
    "CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit
     BEGIN SELECT RAISE(ABORT, 'audit lines are not changed'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_is_not_deleted BEFORE DELETE ON audit
     BEGIN SELECT RAISE(ABORT, 'audit lines are not deleted'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_chain_is_not_changed BEFORE UPDATE ON audit_chain
     BEGIN SELECT RAISE(ABORT, 'the audit chain is not changed'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_chain_is_not_deleted BEFORE DELETE ON audit_chain
     BEGIN SELECT RAISE(ABORT, 'the audit chain is not deleted'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_checkpoints_are_not_changed BEFORE UPDATE ON audit_checkpoints
     BEGIN SELECT RAISE(ABORT, 'checkpoints are not changed'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_checkpoints_are_not_deleted BEFORE DELETE ON audit_checkpoints
     BEGIN SELECT RAISE(ABORT, 'checkpoints are not deleted'); END",
    "CREATE TRIGGER IF NOT EXISTS external_id_is_not_changed BEFORE UPDATE OF external_id ON connections
     WHEN OLD.external_id IS NOT NULL AND NEW.external_id IS NOT OLD.external_id
     BEGIN SELECT RAISE(ABORT, 'an external id is not changed'); END",
];

// One process after the other: two that start at once would change the same function at the same time.
const POSTGRES_GUARDS: &str = "
SELECT pg_advisory_xact_lock(7045231);
CREATE OR REPLACE FUNCTION external_id_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an external id is not changed'; END $$;
CREATE OR REPLACE TRIGGER external_id_stays BEFORE UPDATE OF external_id ON connections
FOR EACH ROW WHEN (OLD.external_id IS NOT NULL AND NEW.external_id IS DISTINCT FROM OLD.external_id)
EXECUTE FUNCTION external_id_stays();
CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit lines are neither changed nor deleted'; END $$;
CREATE OR REPLACE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE OR REPLACE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
CREATE OR REPLACE TRIGGER audit_chain_stays BEFORE UPDATE OR DELETE ON audit_chain
FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE OR REPLACE TRIGGER audit_chain_is_not_emptied BEFORE TRUNCATE ON audit_chain
FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
CREATE OR REPLACE TRIGGER audit_checkpoints_stay BEFORE UPDATE OR DELETE ON audit_checkpoints
FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE OR REPLACE TRIGGER audit_checkpoints_are_not_emptied BEFORE TRUNCATE ON audit_checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();";
