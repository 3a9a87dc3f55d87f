//! The verbs of the product, one file each, and the only writers of the database.

pub mod create_connection;
pub mod draft;
pub mod form_answer;
pub mod outbox;
pub mod people;
mod received;
pub mod save_answers;
pub mod start_attempt;
pub mod submit;
