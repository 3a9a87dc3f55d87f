//! The guides: whether each can be read, and whether somebody tried it lately.

use jiff::civil::Date;

use super::{Finding, Findings};
use crate::{app::guides::Guides, config::Settings, domain::kind::AccessKind};

const WHAT: &str = "guides";

/// How many days after it was tried last a guide is looked at again: providers move their pages about twice a year.
const FRESH_FOR: i32 = 183;

pub(super) fn look(settings: &Settings, today: Date, findings: &mut Findings) {
    findings.add(match Guides::read(settings.guides.dir.as_deref()) {
        Err(problem) => {
            Finding::red(WHAT, problem.to_string(), "mend the file, or take it out of the folder")
        }
        Ok(guides) => match old(&guides, today).join(", ") {
            none if none.is_empty() => Finding::good(WHAT, "each access kind has one that can be read"),
            old => Finding::note(
                WHAT,
                format!("nobody has tried these for half a year: {old}"),
                "walk through their steps; put changed ones into the folder of [guides] dir, with the day as their date",
            ),
        },
    });
}

/// The guides that were tried too long ago, each with its day.
fn old(guides: &Guides, today: Date) -> Vec<String> {
    let one = |kind: &AccessKind| {
        let tried = guides.of(*kind)?.date;
        let days = (today - tried).get_days();
        (days > FRESH_FOR).then(|| format!("{} ({tried})", kind.id()))
    };
    AccessKind::ALL.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    #[test]
    fn a_guide_that_nobody_tried_for_half_a_year_is_named() {
        let guides = Guides::built_in();
        let newest = AccessKind::ALL.iter().filter_map(|kind| guides.of(*kind)).map(|guide| guide.date).max();
        let newest = newest.expect("a guide");
        assert!(old(&guides, newest).is_empty());
        let late = newest.checked_add(184.days()).expect("a day");
        assert_eq!(old(&guides, late).len(), AccessKind::ALL.len());
        assert!(old(&guides, late)[0].contains("exchange_basic (20"), "{:?}", old(&guides, late));
    }
}
