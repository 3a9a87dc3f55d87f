//! The pages of the portal: one file a page.

mod answer_rows;
pub mod answers;
pub mod certificate;
pub mod code;
pub mod guide;
mod guide_names;
pub mod invitation;
pub mod key_file;
pub mod live;
pub mod live_list;
pub mod login_cookie;
pub mod new_attempt;
pub mod new_connection;
pub mod overview;
mod overview_card;
pub mod review;
pub mod sign_in;
pub mod sign_out;
pub mod start;
pub mod status;
mod status_case;
pub mod status_page;
pub(in crate::http::pages) mod status_view;
mod watch;
