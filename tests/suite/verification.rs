//! Checks through their front door, against the simulator over real DNS and real HTTPS.

mod across;
mod agreement;
mod bound;
mod capture;
mod certificates;
mod codes;
mod command;
mod faults;
mod google;
mod healthy;
mod hostile;
mod input_of_kinds;
pub mod lab;
mod memory;
mod passwords;
mod roster;
mod samples;
mod stage;
mod traces;
mod tricks;
mod ways;
