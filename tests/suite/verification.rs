//! Checks through their front door, against the simulator over real DNS and real HTTPS.

mod lab;
mod samples;
