//! How a worker works.

use std::time::Duration;

use crate::config;

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// What this worker is called in the table of jobs.
    pub name: String,
    /// Checks at the same time.
    pub checks_at_once: usize,
    /// Mails at the same time: mail servers dislike more connections from one sender.
    pub mails_at_once: usize,
    /// How long a job stays leased without a sign of life.
    pub lease: Duration,
    /// How often a lease is renewed; several times within its length.
    pub heartbeat: Duration,
    /// How often the queue is read when nothing woke the worker.
    pub poll: Duration,
    /// How long running jobs may go on after the order to stop.
    pub grace: Duration,
}

impl WorkerSettings {
    /// The worker's settings as the section `[worker]` has them. A sixth of the lease between renewals leaves room
    /// for a database that is slow for a while.
    pub fn from_section(section: &config::Worker) -> Self {
        Self {
            name: format!("worker-{}", std::process::id()),
            checks_at_once: section.jobs_at_once as usize,
            mails_at_once: 2,
            lease: section.lease,
            heartbeat: section.lease / 6,
            poll: section.poll,
            grace: Duration::from_secs(10),
        }
    }
}
