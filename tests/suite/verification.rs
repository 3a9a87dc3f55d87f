//! Checks through their front door, against the simulator over real DNS and real HTTPS.

mod bound;
mod command;
mod faults;
mod healthy;
mod input_of_kinds;
pub mod lab;
mod samples;
