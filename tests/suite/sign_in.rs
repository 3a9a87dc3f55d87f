//! The door: sign-in by a code, told through its pages.

mod attacks;
mod fields;
pub mod house;
mod limits;
mod presses;
mod story;
