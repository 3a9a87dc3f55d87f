//! Sealing and opening of secrets.
