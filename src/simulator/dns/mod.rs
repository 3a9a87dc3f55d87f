//! A small DNS server: messages on the wire, what the zone holds, the sockets.

mod elsewhere;
pub(crate) mod message;
pub(crate) mod server;
pub(crate) mod zone;
