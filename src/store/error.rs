//! What can go wrong between us and the database.

use crate::domain::refused::Refused;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or is too busy; nothing was written.
    #[error("the database is away: {0}")]
    Away(#[source] sqlx::Error),
    /// Somebody else changed the row meanwhile, or a unique rule was hit.
    #[error("the row was changed meanwhile")]
    Conflict,
    /// The answer to COMMIT was lost: written or not, nobody knows until it is read again.
    #[error("the answer to COMMIT was lost: {0}")]
    CommitUnknown(#[source] sqlx::Error),
    /// A row holds a value that this version cannot read.
    #[error("{table}.{column} of {id} holds a value this version cannot read")]
    BrokenRow {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        id: String,
    },
    /// The database cannot be used as it is set up; the text says what to change.
    #[error("{0}")]
    Setup(String),
    /// A fault of ours in a query.
    #[error("a query failed: {0}")]
    Query(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether a row holds what this version does not write: what was meant to be read is there, and is not what it
    /// should be.
    pub const fn is_broken_row(&self) -> bool {
        matches!(
            self,
            Self::BrokenRow { .. } | Self::Query(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
        )
    }
}

/// What store functions return.
pub type Result<T> = std::result::Result<T, StoreError>;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{Database, Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};
        let away = match &error {
            Io(_) | Tls(_) | PoolTimedOut | PoolClosed | WorkerCrashed => true,
            Database(answer) => {
                // PostgreSQL: connection lost (08), out of resources (53), shutting down (57P).
                // SQLite: busy (5), locked (6), I/O error (10), full (13), cannot open (14).
                let code = answer.code().unwrap_or_default().into_owned();
                code.starts_with("08")
                    || code.starts_with("53")
                    || code.starts_with("57P")
                    || code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13 | 14))
                        && code.len() < 5
            }
            _ => false,
        };
        let raced = matches!(&error, Database(answer)
            if answer.is_unique_violation() || matches!(answer.code().as_deref(), Some("40001" | "40P01")));
        if raced {
            Self::Conflict
        } else if away {
            Self::Away(error)
        } else {
            Self::Query(error)
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => {
                Self::Conflict("This was changed meanwhile. Look at it again, then repeat what you did.")
            }
            StoreError::Away(_) => {
                tracing::warn!(%error, "the database is away");
                Self::Unavailable
            }
            StoreError::CommitUnknown(_) => {
                tracing::warn!(%error, "whether it was written is not known");
                Self::Unsure
            }
            StoreError::BrokenRow { .. } | StoreError::Setup(_) | StoreError::Query(_) => {
                tracing::error!(%error, "a query failed");
                // The request's own id becomes the reference: it stands in this line's span too.
                Self::Fault(String::new())
            }
        }
    }
}
