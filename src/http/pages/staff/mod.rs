//! The staff site's pages.

pub mod account;
mod login_cookie;
mod not_in;
pub mod sign_in;
pub mod sign_out;
