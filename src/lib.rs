//! The onboarding portal through which real-estate brokerages connect their mail system to MoxiEngage.
//!
//! A request, a job and a command each do the same three things: read the input, act, answer.
//! Acting is one place, [`actions`]: one file per verb, and the only writers of the database.
//!
//! | room | holds |
//! |---|---|
//! | [`domain`] | ids, kinds, states and texts of causes: values only, no input or output |
//! | [`clock`] | time and randomness, handed in everywhere else |
//! | [`config`], [`telemetry`] | settings with clear errors; log lines and metrics |
//! | [`store`] | SQLite and PostgreSQL behind one SQL text a query |
//! | [`vault`] | sealing with the public key, opening with the private one, the settings key |
//! | [`net`] | every connection that leaves: guard, resolver, dial map, TLS, caps |
//! | [`verification`] | the check: steps, evidence, diagnosis |
//! | [`openid`] | our own people's sign-in at the company's OpenID Connect provider |
//! | [`notify`] | an event becomes a mail; the mailer hands it over |
//! | [`app`] | what a running portal is made of |
//! | [`actions`] | the verbs |
//! | [`jobs`] | queue, worker, back-off |
//! | [`http`] | pages, forms, guards |
//! | [`cli`] | one file per command |
//! | [`simulator`] | the outside world for demo and tests; shares no code with the rest |
//!
//! `tests/house.rs` holds the rule who may use whom; `docs/ARCHITECTURE.md` walks through one submission.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod actions;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod net;
pub mod notify;
pub mod openid;
pub mod simulator;
pub mod store;
pub mod telemetry;
pub mod vault;
pub mod verification;
