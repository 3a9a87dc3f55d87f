//! The suite: behaviour through the front door, with real parts, on both databases.

mod browser;
mod checks;
mod databases;
mod flow;
mod flow_pages;
mod http;
mod jobs;
mod journey;
mod mailer;
mod net;
mod office;
mod outbox;
mod peers;
mod processes;
mod review;
mod rows;
mod running;
mod sign_in;
mod simulator;
mod status;
mod store;
mod submit;
mod sweep;
mod vault;
mod verification;
mod world;
