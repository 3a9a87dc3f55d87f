//! The check: does what MoxiEngage does, and names what is wrong.

mod observer;
mod verifier;

pub use observer::{Nobody, Observer, SignInDenied};
pub use verifier::{Verifier, plan};
