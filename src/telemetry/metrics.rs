//! The numbers that tell whether the product is well, in the text form Prometheus reads. Each is described in
//! `docs/LOGGING.md`; a test holds the two together.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

/// The numbers; clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Mutex<Registry>,
    counts: Counts,
    standing: Standing,
}

/// What this process did.
#[derive(Default)]
struct Counts {
    requests: Family<RequestLabels, Counter>,
    jobs: Family<OutcomeLabels, Counter>,
    mails: Family<OutcomeLabels, Counter>,
    checks: Family<CheckLabels, Counter>,
    looks: Family<LookLabels, Counter>,
    sign_ins: Family<SignInLabels, Counter>,
}

/// How the installation stands, as it was read last.
struct Standing {
    request_time: Family<RouteLabels, Histogram, fn() -> Histogram>,
    jobs: Family<JobLabels, Gauge>,
    jobs_late: Gauge,
    needs: Family<NeedLabels, Gauge>,
    mails: Family<StateLabels, Gauge>,
    mails_late: Gauge,
    audit_head: Gauge,
    audit_unsealed: Gauge,
    audit_late: Gauge,
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
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CheckLabels {
    kind: &'static str,
    verdict: &'static str,
    cause: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct LookLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SignInLabels {
    site: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct JobLabels {
    kind: String,
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct NeedLabels {
    rule: &'static str,
    overdue: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

/// How the installation stands. What is not in a list is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Open jobs: kind, state (`waiting`, `due`, `running`, `parked`), how many.
    pub jobs: Vec<(String, &'static str, i64)>,
    /// For how many seconds the oldest due job has waited for a worker.
    pub oldest_due_job: i64,
    /// Needs in the queue: rule, whether they are overdue, how many.
    pub needs: Vec<(&'static str, bool, i64)>,
    /// Mails that have not left: state, how many.
    pub mails: Vec<(&'static str, i64)>,
    /// For how many seconds the oldest of them has waited.
    pub oldest_mail: i64,
    /// The number of the audit's last sealed row.
    pub audit_head: i64,
    /// Lines that wait to be sealed.
    pub audit_unsealed: i64,
    /// For how many seconds the oldest of them has waited.
    pub oldest_unsealed: i64,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        // 1 ms to about 16 s: a page is at the lower end, a durable submission in the middle.
        let buckets: fn() -> Histogram = || Histogram::new(exponential_buckets(0.001, 2.0, 15));
        let standing = Standing {
            request_time: Family::new_with_constructor(buckets),
            jobs: Family::default(),
            jobs_late: Gauge::default(),
            needs: Family::default(),
            mails: Family::default(),
            mails_late: Gauge::default(),
            audit_head: Gauge::default(),
            audit_unsealed: Gauge::default(),
            audit_late: Gauge::default(),
        };
        let counts = Counts::default();
        let mut registry = Registry::with_prefix("moxi");
        counts.register(&mut registry);
        standing.register(&mut registry);
        Self(Arc::new(Inner { registry: Mutex::new(registry), counts, standing }))
    }

    /// A request was answered; `route` is the template (`/connections/{id}`), never the address itself.
    pub fn request(&self, route: &str, status: u16, seconds: f64) {
        let labels = RequestLabels { route: route.to_owned(), status: status.into() };
        self.0.counts.requests.get_or_create(&labels).inc();
        let route = RouteLabels { route: route.to_owned() };
        self.0.standing.request_time.get_or_create(&route).observe(seconds);
    }

    /// A job's turn ended: `done`, `again`, `given_up`, `crashed` or `lost`.
    pub fn job(&self, kind: &'static str, outcome: &'static str) {
        self.0.counts.jobs.get_or_create(&OutcomeLabels { kind, outcome }).inc();
    }

    /// A mail came to a state.
    pub fn mail(&self, kind: &'static str, outcome: &'static str) {
        self.0.counts.mails.get_or_create(&OutcomeLabels { kind, outcome }).inc();
    }

    /// A check came to its verdict; `cause` is an id of the catalogue, or empty.
    pub fn check(&self, kind: &'static str, verdict: &'static str, cause: &str) {
        let labels = CheckLabels { kind, verdict, cause: cause.to_owned() };
        self.0.counts.checks.get_or_create(&labels).inc();
    }

    /// A press to see a secret was answered: `shown`, or the word of why not.
    pub fn look(&self, outcome: &'static str) {
        self.0.counts.looks.get_or_create(&LookLabels { outcome }).inc();
    }

    /// Somebody tried to sign in to `portal` or `staff`: `in`, or the word of why not.
    pub fn sign_in(&self, site: &'static str, outcome: &'static str) {
        self.0.counts.sign_ins.get_or_create(&SignInLabels { site, outcome }).inc();
    }

    /// All of it as text. `figures` are those of now; without them, while the database is away, what is read from it is
    /// left out.
    pub fn text(&self, figures: Option<&Figures>) -> String {
        let mut out = String::new();
        let registry = self.0.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.standing.set(figures);
        match (encode(&mut out, &registry), figures) {
            (Ok(()), Some(_)) => out,
            (Ok(()), None) => without_what_was_not_read(&out),
            (Err(error), _) => format!("# {error}\n"),
        }
    }
}

/// A zero that nobody read would say that all is well.
fn without_what_was_not_read(text: &str) -> String {
    const READ: [&str; 5] = [
        "moxi_jobs_oldest_due",
        "moxi_mails_oldest_open",
        "moxi_audit_head",
        "moxi_audit_unsealed",
        "moxi_audit_oldest_unsealed",
    ];
    let known = |line: &&str| !READ.iter().any(|name| line.contains(name));
    text.lines().filter(known).map(|line| format!("{line}\n")).collect()
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Counts {
    fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests by route and status", self.requests.clone());
        registry.register("jobs", "Turns of jobs, by kind and how they ended", self.jobs.clone());
        registry.register("mails", "Mails that came to a state, by kind and state", self.mails.clone());
        registry.register("checks", "Checks by access kind, verdict and cause", self.checks.clone());
        registry.register("looks", "Presses to see a secret, by what came of them", self.looks.clone());
        registry.register("sign_ins", "Sign-ins by site and what came of them", self.sign_ins.clone());
    }
}

impl Standing {
    fn register(&self, registry: &mut Registry) {
        let time = ("http_request_duration", "Time to answer by route");
        registry.register_with_unit(time.0, time.1, Unit::Seconds, self.request_time.clone());
        registry.register("jobs_open", "Open jobs by kind and state", self.jobs.clone());
        let late = ("jobs_oldest_due", "How long the oldest due job has waited for a worker");
        registry.register_with_unit(late.0, late.1, Unit::Seconds, self.jobs_late.clone());
        registry.register(
            "queue_needs",
            "Needs in the queue by rule, and whether they are overdue",
            self.needs.clone(),
        );
        registry.register("mails_open", "Mails that have not left, by state", self.mails.clone());
        let late = ("mails_oldest_open", "How long the oldest mail that has not left has waited");
        registry.register_with_unit(late.0, late.1, Unit::Seconds, self.mails_late.clone());
        registry.register("audit_head", "The number of the audit's last sealed row", self.audit_head.clone());
        registry.register(
            "audit_unsealed",
            "Lines of the audit that wait to be sealed",
            self.audit_unsealed.clone(),
        );
        let late = ("audit_oldest_unsealed", "How long the oldest of them has waited");
        registry.register_with_unit(late.0, late.1, Unit::Seconds, self.audit_late.clone());
    }

    /// Whatever was there before and is not any more goes.
    fn set(&self, figures: Option<&Figures>) {
        self.jobs.clear();
        self.needs.clear();
        self.mails.clear();
        let none = Figures::default();
        let figures = figures.unwrap_or(&none);
        for (kind, state, count) in &figures.jobs {
            self.jobs.get_or_create(&JobLabels { kind: kind.clone(), state }).set(*count);
        }
        for (rule, overdue, count) in &figures.needs {
            let overdue = if *overdue { "yes" } else { "no" };
            self.needs.get_or_create(&NeedLabels { rule, overdue }).set(*count);
        }
        for (state, count) in &figures.mails {
            self.mails.get_or_create(&StateLabels { state }).set(*count);
        }
        self.jobs_late.set(figures.oldest_due_job);
        self.mails_late.set(figures.oldest_mail);
        self.audit_head.set(figures.audit_head);
        self.audit_unsealed.set(figures.audit_unsealed);
        self.audit_late.set(figures.oldest_unsealed);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn one_of_each() -> (Metrics, Figures) {
        let metrics = Metrics::new();
        metrics.request("/help", 200, 0.002);
        metrics.clone().request("/help", 200, 0.002);
        metrics.check("graph_secret", "passed", "");
        metrics.job("run_check", "done");
        metrics.mail("verified", "accepted");
        metrics.look("shown");
        metrics.sign_in("staff", "in");
        let figures = Figures {
            jobs: vec![("run_check".to_owned(), "due", 3)],
            needs: vec![("parked_job", true, 2)],
            mails: vec![("pending", 4)],
            oldest_mail: 61,
            ..Figures::default()
        };
        (metrics, figures)
    }

    #[test]
    fn what_happened_is_counted_under_its_labels() {
        let (metrics, figures) = one_of_each();
        let text = metrics.text(Some(&figures));
        for line in [
            "moxi_http_requests_total{route=\"/help\",status=\"200\"} 2",
            "moxi_checks_total{kind=\"graph_secret\",verdict=\"passed\",cause=\"\"} 1",
            "moxi_http_request_duration_seconds_count{route=\"/help\"} 2",
            "moxi_jobs_open{kind=\"run_check\",state=\"due\"} 3",
            "moxi_queue_needs{rule=\"parked_job\",overdue=\"yes\"} 2",
            "moxi_mails_oldest_open_seconds 61",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        let later = metrics.text(Some(&Figures::default()));
        let alone = metrics.text(None);
        assert!(
            !alone.contains("audit") && !alone.contains("oldest") && alone.ends_with("# EOF\n"),
            "{alone}"
        );
        assert!(alone.contains("moxi_jobs_total"), "{alone}");
        assert!(
            !later.contains("moxi_jobs_open{") && later.contains("moxi_mails_oldest_open_seconds 0"),
            "{later}"
        );
    }

    #[test]
    fn each_number_is_described_and_each_description_is_of_a_number() {
        let (metrics, figures) = one_of_each();
        let text = metrics.text(Some(&figures));
        let exported: BTreeSet<&str> =
            text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
        assert!(exported.len() > 12, "{exported:?}");
        let paper = include_str!("../../docs/LOGGING.md");
        let rows = paper.lines().filter_map(|line| line.strip_prefix("| `moxi_")?.split_once('`'));
        let described: BTreeSet<String> = rows.map(|(name, _)| format!("moxi_{name}")).collect();
        let described: BTreeSet<&str> = described.iter().map(String::as_str).collect();
        assert_eq!(exported, described, "docs/LOGGING.md describes what is exported");
    }
}
