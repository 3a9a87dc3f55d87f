//! The check of Microsoft 365 over Graph with an app's client secret.

mod answer;
mod bearer;
mod call;
mod claims;
mod cloud;
mod graph;
mod ladder;
mod page;
mod probes;
mod sign_in;
mod traces;
mod writes;

pub(super) use ladder::{Means, check};
