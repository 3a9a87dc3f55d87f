//! Pages, forms and guards.
//!
//! `door` and `serve` own the sockets, `gate` and `walls` stand before and around every page, `pages` holds one
//! file a page. A page's handler takes what it needs as arguments: [`layout::Layout`] for the frame,
//! [`crate::domain::scope::Scope`] for who is signed in, [`form::Form`] or [`form::ScopedForm`] for what was typed.

pub mod assets;
mod body_guard;
#[cfg(test)]
mod contrast;
pub mod door;
mod dress;
pub mod error;
pub mod form;
mod form_body;
mod form_files;
pub mod form_state;
pub mod front;
mod gate;
mod headers;
pub mod health;
pub mod layout;
pub mod limits;
mod origin;
pub mod pages;
pub mod peer;
pub mod portal;
pub mod public;
mod reader;
pub mod render;
mod request_id;
mod seats;
pub mod serve;
pub mod session;
pub mod staff;
pub mod staff_visitor;
mod stall;
mod table_file;
pub mod urls;
mod visitor;
pub mod walls;
