//! Pages, forms and guards.
//!
//! `serve` owns the sockets, `walls` stands around every page, `pages` holds one file a page.

pub mod assets;
pub mod error;
pub mod form_state;
pub mod front;
pub mod layout;
pub mod pages;
pub mod render;
pub mod urls;
