//! The suite: behaviour through the front door, with real parts, on both databases.

mod databases;
mod flow;
mod http;
mod mailer;
mod office;
mod peers;
mod rows;
mod simulator;
mod store;
mod submit;
mod vault;
mod verification;
