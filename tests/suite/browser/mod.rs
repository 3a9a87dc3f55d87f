//! The portal in a real browser: the whole story with scripts and without, and every page held against the rules.

mod access;
mod certificates;
mod chromium;
mod desk;
mod dry_runs;
mod ends;
mod guides;
mod keys;
mod live;
mod person;
mod questions;
mod roster;
mod rotation;
mod rules;
mod samples;
mod saved;
mod scanners;
mod staff;
mod story;
mod zones;
