//! The web server's walls, tried from outside over real sockets.

mod forms;
mod gate;
mod pages;
mod sessions;
mod slow;
mod tls;
pub mod world;
