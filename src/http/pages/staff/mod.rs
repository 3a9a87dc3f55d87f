//! The staff site's pages.

pub mod access;
mod access_block;
mod access_page;
pub mod account;
pub mod after;
mod again;
pub mod brokerage;
pub mod causes;
pub mod connection;
mod connection_case;
mod connection_page;
pub mod invite;
pub mod keeper;
mod keeper_view;
mod login_cookie;
mod not_in;
mod questions;
pub mod queue;
pub mod queue_news;
mod roster;
pub mod sign_in;
pub mod sign_out;
mod timeline;
mod words;
