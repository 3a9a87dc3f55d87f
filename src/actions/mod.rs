//! The verbs of the product, one file each, and the only writers of the database.

pub mod outbox;
pub mod people;
