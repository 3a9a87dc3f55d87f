//! How offices get on, from a connection that is made to one that works: how many come how far, and how long it takes.
//! Pure: what is counted is handed in.

use jiff::SignedDuration;

use super::{instant::Instant, kind::AccessKind};

/// How far one connection came, and when.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    /// How its mailboxes are reached.
    pub kind: AccessKind,
    /// When it was made.
    pub made_at: Instant,
    /// Whether somebody ticked a step of its guide.
    pub ticked: bool,
    /// Whether answers were tested before they were submitted.
    pub tested: bool,
    /// When its first attempt was submitted.
    pub submitted_at: Option<Instant>,
    /// The first attempt that was verified, and when.
    pub verified: Option<(i64, Instant)>,
    /// Whether MoxiEngage was told to use it.
    pub enabled: bool,
}

/// The stages, one after the other. Whoever reached a later one is counted in the earlier ones too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The connection was made.
    Made,
    /// Somebody ticked a step, tested, or submitted.
    SetUp,
    /// An attempt was submitted.
    Submitted,
    /// An attempt was verified.
    Verified,
    /// It is enabled in MoxiEngage.
    Enabled,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] = [Self::Made, Self::SetUp, Self::Submitted, Self::Verified, Self::Enabled];

    /// What pages call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Made => "Connection made",
            Self::SetUp => "Set-up begun",
            Self::Submitted => "Submitted",
            Self::Verified => "Verified",
            Self::Enabled => "Enabled in MoxiEngage",
        }
    }
}

impl Course {
    /// The last stage it reached.
    pub const fn reached(&self) -> Stage {
        match (self.enabled, self.verified, self.submitted_at) {
            (true, _, _) => Stage::Enabled,
            (false, Some(_), _) => Stage::Verified,
            (false, None, Some(_)) => Stage::Submitted,
            (false, None, None) if self.ticked || self.tested => Stage::SetUp,
            (false, None, None) => Stage::Made,
        }
    }
}

/// Many courses in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    /// How many reached each stage, in the order of [`Stage::ALL`].
    pub reached: [usize; 5],
    /// How many of those submitted had been tested before.
    pub tested: usize,
    /// How many were verified by their first attempt.
    pub at_first: usize,
    /// The time from being made to the first attempt: half took no longer.
    pub to_submit: Option<SignedDuration>,
    /// The time from the first attempt to being verified: half took no longer.
    pub to_verify: Option<SignedDuration>,
}

impl Funnel {
    /// Counts them.
    pub fn of<'a>(courses: impl Iterator<Item = &'a Course>) -> Self {
        let courses: Vec<&Course> = courses.collect();
        let reached =
            Stage::ALL.map(|stage| courses.iter().filter(|one| one.reached() as u8 >= stage as u8).count());
        let submitted = || courses.iter().filter_map(|one| Some((one, one.submitted_at?)));
        Self {
            reached,
            tested: submitted().filter(|(one, _)| one.tested).count(),
            at_first: courses
                .iter()
                .filter(|one| one.verified.is_some_and(|(number, _)| number == 1))
                .count(),
            to_submit: median(submitted().map(|(one, at)| at.since(one.made_at)).collect()),
            to_verify: median(submitted().filter_map(|(one, at)| Some(one.verified?.1.since(at))).collect()),
        }
    }
}

/// The middle one; of an even number the shorter of the two.
fn median(mut durations: Vec<SignedDuration>) -> Option<SignedDuration> {
    durations.sort();
    durations.get(durations.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_micros(1_795_257_720_000_000);

    fn minutes(many: i64) -> Instant {
        NOW.plus(SignedDuration::from_mins(many))
    }

    fn course(submitted: Option<i64>, verified: Option<(i64, i64)>) -> Course {
        Course {
            kind: AccessKind::GraphSecret,
            made_at: NOW,
            ticked: false,
            tested: false,
            submitted_at: submitted.map(minutes),
            verified: verified.map(|(number, at)| (number, minutes(at))),
            enabled: false,
        }
    }

    #[test]
    fn whoever_came_further_came_through_what_is_before() {
        let courses = [
            course(None, None),
            Course { ticked: true, ..course(None, None) },
            course(Some(10), None),
            Course { tested: true, ..course(Some(20), Some((1, 21))) },
            Course { enabled: true, ..course(Some(40), Some((2, 100))) },
        ];
        let funnel = Funnel::of(courses.iter());
        assert_eq!(funnel.reached, [5, 4, 3, 2, 1]);
        assert_eq!((funnel.tested, funnel.at_first), (1, 1));
        assert_eq!(funnel.to_submit, Some(SignedDuration::from_mins(20)));
        assert_eq!(funnel.to_verify, Some(SignedDuration::from_mins(1)));
    }

    #[test]
    fn nothing_has_no_middle() {
        let funnel = Funnel::of([].iter());
        assert_eq!((funnel.reached, funnel.to_submit, funnel.to_verify), ([0; 5], None, None));
    }
}
