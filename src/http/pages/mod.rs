//! One file a page: its template struct, and the handler beneath it.

pub mod about;
pub mod landing;
mod news;
pub mod portal;
pub mod staff;
pub mod theme;
