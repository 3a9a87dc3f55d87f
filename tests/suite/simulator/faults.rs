//! What can be made to go wrong goes wrong on the wire.
