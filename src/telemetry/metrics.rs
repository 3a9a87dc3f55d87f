//! The handful of numbers that tell whether the product is well, in the text form Prometheus reads.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

/// The numbers; clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    request_time: Family<RouteLabels, Histogram, fn() -> Histogram>,
    jobs: Family<OutcomeLabels, Counter>,
    mails: Family<OutcomeLabels, Counter>,
    checks: Family<CheckLabels, Counter>,
    sign_in_mails: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u32,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    kind: String,
    outcome: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CheckLabels {
    kind: String,
    verdict: String,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        // 1 ms to about 16 s: a page is at the lower end, a durable submission in the middle.
        let buckets: fn() -> Histogram = || Histogram::new(exponential_buckets(0.001, 2.0, 15));
        let inner = Inner {
            registry: Mutex::new(Registry::with_prefix("moxi")),
            requests: Family::default(),
            request_time: Family::new_with_constructor(buckets),
            jobs: Family::default(),
            mails: Family::default(),
            checks: Family::default(),
            sign_in_mails: Counter::default(),
        };
        let mut registry = inner.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register("http_requests", "Requests by route and status", inner.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time to answer by route",
            Unit::Seconds,
            inner.request_time.clone(),
        );
        registry.register("jobs", "Jobs carried out, by kind and outcome", inner.jobs.clone());
        registry.register("mails", "Mails handed over, by kind and outcome", inner.mails.clone());
        registry.register("checks", "Checks by access kind and verdict", inner.checks.clone());
        registry.register("sign_in_mails", "Sign-in codes mailed", inner.sign_in_mails.clone());
        drop(registry);
        Self(Arc::new(inner))
    }

    /// A request was answered; `route` is the template (`/connections/{id}`), never the address itself.
    pub fn request(&self, route: &str, status: u16, seconds: f64) {
        let labels = RequestLabels { route: route.to_owned(), status: status.into() };
        self.0.requests.get_or_create(&labels).inc();
        self.0.request_time.get_or_create(&RouteLabels { route: route.to_owned() }).observe(seconds);
    }

    /// A job ended; outcomes are words such as `done`, `retry`, `parked`.
    pub fn job(&self, kind: &str, outcome: &str) {
        self.0.jobs.get_or_create(&outcome_of(kind, outcome)).inc();
    }

    /// A mail was handed over or refused.
    pub fn mail(&self, kind: &str, outcome: &str) {
        self.0.mails.get_or_create(&outcome_of(kind, outcome)).inc();
    }

    /// A check came to its verdict.
    pub fn check(&self, kind: &str, verdict: &str) {
        let labels = CheckLabels { kind: kind.to_owned(), verdict: verdict.to_owned() };
        self.0.checks.get_or_create(&labels).inc();
    }

    /// A sign-in code was mailed.
    pub fn sign_in_mail(&self) {
        self.0.sign_in_mails.inc();
    }

    /// All of it as text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let registry = self.0.registry.lock().unwrap_or_else(PoisonError::into_inner);
        match encode(&mut out, &registry) {
            Ok(()) => out,
            Err(error) => format!("# {error}\n"),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn outcome_of(kind: &str, outcome: &str) -> OutcomeLabels {
    OutcomeLabels { kind: kind.to_owned(), outcome: outcome.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_counted_under_its_labels() {
        let metrics = Metrics::new();
        metrics.request("/help", 200, 0.002);
        metrics.clone().request("/help", 200, 0.002);
        metrics.check("graph_secret", "passed");
        let text = metrics.text();
        assert!(text.contains("moxi_http_requests_total{route=\"/help\",status=\"200\"} 2"), "{text}");
        assert!(text.contains("moxi_checks_total{kind=\"graph_secret\",verdict=\"passed\"} 1"), "{text}");
        assert!(text.contains("moxi_http_request_duration_seconds_count{route=\"/help\"} 2"), "{text}");
    }
}
