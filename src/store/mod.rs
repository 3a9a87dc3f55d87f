//! The database: SQLite and PostgreSQL behind one SQL text a query.
