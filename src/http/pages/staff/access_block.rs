//! What the page of a connection shows about looks at its secrets, and the form that asks for one.

use crate::{
    actions::ask_access::{can_be_asked, declined, declined_words},
    app::App,
    domain::{
        access::AccessWay,
        answers::secret_noun,
        attempt::Attempt,
        ids::{BrokerageId, ConnectionId},
        instant::Instant,
        refused::Refused,
        staff::StaffScope,
    },
    http::pages::portal::access_view::{AccessView, length},
    store::Read,
};

/// So many of the latest requests are shown.
const MOST: i64 = 20;
/// So many of the brokerage's latest looks are read for them.
const MOST_LOOKS: i64 = 500;

/// The block.
#[derive(Default)]
pub(super) struct AccessBlock {
    /// The latest request first.
    pub(super) requests: Vec<AccessView>,
    /// The ways that are open to the reader; none: no form.
    pub(super) ways: Vec<AccessWay>,
    /// The attempts whose secret can be asked for: number, and what its secret is called.
    pub(super) attempts: Vec<(String, String)>,
    /// How long it may last: minutes and words.
    pub(super) lengths: Vec<(String, String)>,
    /// What the brokerage declined lately, for whoever would ask it again; else empty.
    pub(super) declined: String,
}

impl AccessBlock {
    /// Reads it. Errs when the database is away.
    pub(super) async fn read(
        app: &App,
        read: &mut Read,
        scope: &StaffScope,
        (brokerage, connection): (&BrokerageId, &ConnectionId),
        attempts: &[&Attempt],
        now: Instant,
    ) -> Result<Self, Refused> {
        let stored = read.accesses_of_connection(brokerage, connection, MOST).await?;
        let looks = match stored.is_empty() {
            true => Vec::new(),
            false => read.looks_of(brokerage, MOST_LOOKS).await?,
        };
        let requests: Result<Vec<_>, _> =
            stored.iter().map(|one| AccessView::of(app, one, &looks, now)).collect();
        let ways: Vec<_> = AccessWay::ALL.iter().copied().filter(|way| scope.may(way.deed())).collect();
        let no = declined(read, connection).await?.filter(|_| ways.contains(&AccessWay::Grant));
        let declined = no.map(|(at, until)| format!("{}.", declined_words(at, until))).unwrap_or_default();
        Ok(Self { declined, ..Self::of(requests?, ways, attempts) })
    }

    fn of(requests: Vec<AccessView>, ways: Vec<AccessWay>, attempts: &[&Attempt]) -> Self {
        let mut minutes: Vec<i64> = ways.iter().flat_map(|way| way.minutes()).copied().collect();
        minutes.sort_unstable();
        minutes.dedup();
        let asked = |attempt: &&&Attempt| can_be_asked(attempt);
        Self {
            declined: String::new(),
            requests,
            ways,
            attempts: attempts
                .iter()
                .rev()
                .filter(asked)
                .map(|attempt| (attempt.number.to_string(), format!("The {}", secret_noun(attempt.kind))))
                .collect(),
            lengths: minutes.into_iter().map(|it| (it.to_string(), length(it))).collect(),
        }
    }

    /// Whether there is a form.
    pub(super) fn may_ask(&self) -> bool {
        !self.ways.is_empty() && !self.attempts.is_empty()
    }

    /// For samples.
    #[cfg(test)]
    pub(super) fn sample(full: bool) -> Self {
        if !full {
            return Self::of(Vec::new(), Vec::new(), &[]);
        }
        let attempts = vec![("2".to_owned(), "The client secret".to_owned())];
        let declined = "The brokerage declined this.".to_owned();
        Self { attempts, declined, ..Self::of(AccessView::samples(), AccessWay::ALL.to_vec(), &[]) }
    }
}
