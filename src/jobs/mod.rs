//! The job queue and its worker.
//!
//! A worker takes due jobs with a lease, renews the lease while it works, and hands each job to its action, which
//! ends the job in the transaction of its effects. There is no start-up repair: a job whose holder died is due again
//! when its lease ends, so that a kill and an orderly stop leave the same rows behind.

mod backoff;
mod lane;
mod run;
mod sealer;
mod settings;
mod worker;

pub use settings::WorkerSettings;
pub use worker::run;
