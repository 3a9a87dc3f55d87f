//! The pages of the portal: one file a page.

pub mod code;
pub mod login_cookie;
pub mod sign_in;
pub mod sign_out;
pub mod start;
