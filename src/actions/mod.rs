//! The verbs of the product, one file each, and the only writers of the database.

pub mod ask_code;
pub mod cause_words;
pub mod check_again;
pub mod create_connection;
mod decide;
pub mod draft;
pub mod form_answer;
pub mod give_up;
mod limits;
mod mail_is_current;
pub mod outbox;
pub mod people;
pub mod progress;
pub mod prove_code;
mod received;
pub mod run_check;
pub mod save_answers;
pub mod send_mail;
pub mod sign_out;
pub mod start_attempt;
pub mod start_brokerage;
pub mod submit;
pub mod sweep;
pub mod undone;
