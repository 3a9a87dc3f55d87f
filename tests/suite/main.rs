//! The suite: behaviour through the front door, with real parts, on both databases.

mod databases;
mod peers;
mod simulator;
mod store;
mod vault;
mod verification;
