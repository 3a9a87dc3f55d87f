//! What the page of a connection says of who looks after it.

use super::words::{age, ago};
use crate::{
    domain::{
        instant::Instant,
        staff::{Deed, StaffScope},
    },
    http::pages::portal::status_view::Moment,
    store::{Colleague, all_brokerages::Review},
};

/// Who looks after it, and what the reader may do about that.
pub(super) struct Owner {
    pub(super) name: String,
    pub(super) since: String,
    /// Who did it just now, for whoever was slower; empty where nobody else has it.
    pub(super) told: String,
    pub(super) is_reader: bool,
    /// The version of the review; none when the reader may not take it.
    pub(super) seen: Option<i64>,
    /// Those it can be handed over to.
    pub(super) colleagues: Vec<Colleague>,
    /// Until when it is put off, and by whom.
    pub(super) snoozed: Option<(Moment, String)>,
    /// Whether there is something to put off.
    pub(super) may_snooze: bool,
}

impl Owner {
    /// `handed` is who handed it over to whoever has it; none where they took it.
    pub(super) fn new(
        (review, handed): (&Review, Option<&str>),
        scope: &StaffScope,
        colleagues: &[Colleague],
        now: Instant,
    ) -> Self {
        let taken = review.taken.as_ref();
        let is_reader = taken.is_some_and(|taken| taken.staff == scope.staff);
        let may = scope.may(Deed::TakeItem);
        let has_it = |colleague: &&Colleague| taken.is_none_or(|taken| taken.staff != colleague.staff);
        Self {
            name: taken.map(|taken| taken.name.clone()).unwrap_or_default(),
            since: taken.map(|taken| age(now, taken.at)).unwrap_or_default(),
            told: taken
                .filter(|_| !is_reader)
                .map(|taken| match handed {
                    Some(by) => format!("It was handed to {} by {by}, {}.", taken.name, ago(now, taken.at)),
                    None => format!("{} has it: taken {}.", taken.name, ago(now, taken.at)),
                })
                .unwrap_or_default(),
            is_reader,
            seen: may.then_some(review.version),
            colleagues: colleagues
                .iter()
                .filter(|colleague| may && colleague.staff != scope.staff)
                .filter(has_it)
                .cloned()
                .collect(),
            snoozed: review.snoozed.as_ref().map(|snoozed| (Moment::of(snoozed.until), snoozed.by.clone())),
            may_snooze: may && !review.needs.is_empty() && review.snoozed.is_none(),
        }
    }

    #[cfg(test)]
    pub(super) fn sample(full: bool, at: Instant, hostile: &str) -> Self {
        use crate::domain::ids::StaffId;
        Self {
            name: if full { hostile.to_owned() } else { String::new() },
            since: "3 h".to_owned(),
            told: if full { hostile.to_owned() } else { String::new() },
            is_reader: full,
            seen: Some(3),
            colleagues: vec![Colleague { staff: StaffId::from_random([4; 16]), name: hostile.to_owned() }],
            snoozed: full.then(|| (Moment::of(at), hostile.to_owned())),
            may_snooze: !full,
        }
    }
}
