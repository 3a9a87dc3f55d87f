//! Log lines and metrics. What a line may hold is in `docs/LOGGING.md`.

mod metrics;
mod panics;

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Log, LogFormat};

pub use metrics::{Figures, Metrics};

/// Why logging did not start.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The level or filter was not understood.
    #[error("log.level is not a filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody else in this process already takes the log lines.
    #[error("log lines are already being taken: {0}")]
    Taken(#[from] tracing_subscriber::util::TryInitError),
}

/// Begins to write log lines to standard error and puts the panic hook in place. Errs when called twice.
pub fn start(log: &Log) -> Result<(), NotStarted> {
    let text = match log.format {
        LogFormat::Text => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if text {
        lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).boxed()
    } else {
        lines.json().flatten_event(true).boxed()
    };
    // One filter for all, not one of the layer's own: a library that asks whether a line would be taken and then
    // writes none leaves such a filter in a state in which it drops the next line of ours.
    tracing_subscriber::registry().with(filter(&log.level)?).with(lines).try_init()?;
    panics::install();
    Ok(())
}

/// Libraries below us say at `debug` what may hold a header or an address, so they stay at `warn` unless they are
/// named in the setting.
fn filter(level: &str) -> Result<EnvFilter, tracing_subscriber::filter::ParseError> {
    const QUIET: [&str; 6] = ["hyper", "hyper_util", "reqwest", "rustls", "sqlx", "lettre"];
    let mut directives: Vec<String> = QUIET.iter().map(|name| format!("{name}=warn")).collect();
    // It warns of suspicious activity whenever a browser comes back with the cookie of a session that has ended.
    directives.push("tower_sessions=error".to_owned());
    directives.push("tower_sessions_core=error".to_owned());
    directives.push(level.to_owned());
    EnvFilter::try_new(directives.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_of_a_session_that_ended_is_no_news() {
        #[derive(Clone, Default)]
        struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
        impl std::io::Write for Lines {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = tracing_subscriber::fmt::layer().with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(filter("debug").expect("a filter")).with(layer);
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(target: "tower_sessions_core::session", "possibly suspicious activity");
            tracing::warn!(target: "tower_sessions::service", "possibly suspicious activity");
            tracing::error!(target: "tower_sessions_core::session", "an error");
            tracing::warn!(target: "hyper", "a warning");
        });
        let said = String::from_utf8(lines.0.lock().expect("nobody panicked").clone()).expect("text");
        assert!(!said.contains("suspicious"), "{said}");
        assert!(said.contains("an error") && said.contains("a warning"), "{said}");
    }

    #[test]
    fn a_setting_may_name_a_library_and_a_wrong_one_is_refused() {
        assert!(filter("debug,sqlx=info").is_ok());
        assert!(filter("loud=very").is_err());
    }
}
