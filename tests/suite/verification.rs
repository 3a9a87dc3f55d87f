//! Checks through their front door, against the simulator over real DNS and real HTTPS.

mod command;
mod faults;
mod healthy;
pub mod lab;
mod samples;
