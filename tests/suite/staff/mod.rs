//! The staff site from outside: who gets in, for how long, and what a session is worth.

mod certified;
mod sessions;
mod sign_in;
