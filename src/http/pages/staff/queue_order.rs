//! The orders of a page of the queue: its column headings that sort, and the same as a choice, for a telephone where the
//! list has no headings.

use super::queue_asked::Asked;
use crate::store::all_brokerages::{QueueOrder, QueueView};

/// A heading of the list.
pub(super) struct Heading {
    pub(super) name: &'static str,
    /// Where it leads, and in which order its page stands.
    pub(super) sorts: Option<(String, &'static str)>,
    /// What the page is ordered by: the word of the heading's mark, and its arrow.
    pub(super) here: Option<(&'static str, &'static str)>,
}

/// What pages call an order.
pub(super) const fn title(order: QueueOrder) -> &'static str {
    match order {
        QueueOrder::Due => "What is due first",
        QueueOrder::Longest => "What waits longest first",
        QueueOrder::Newest => "Newest news first",
        QueueOrder::Company => "By brokerage",
    }
}

/// The orders to choose from, where there is a choice: word, title, and whether it is the page's.
pub(super) fn choices(view: &QueueView, here: QueueOrder) -> Vec<(&'static str, &'static str, bool)> {
    let orders = if view.orders().len() > 1 { view.orders() } else { &[] };
    orders.iter().map(|order| (order.as_str(), title(*order), *order == here)).collect()
}

/// The headings. What a heading is pressed for a second time is the order from its other end, or the view's own.
pub(super) fn headings(asked: &Asked, view: &QueueView, here: QueueOrder) -> [Heading; 7] {
    use QueueOrder::{Company, Due, Longest, Newest};
    let orders = view.orders();
    // What needs a human has waited since its needs began, everything else since its state changed.
    let needs = orders.contains(&Due);
    let heading = |name, of: &[QueueOrder]| {
        let offered = of.iter().all(|order| orders.contains(order)) && orders.len() > 1 && !of.is_empty();
        let at = of.iter().position(|order| *order == here);
        let next = match at {
            None => of.first(),
            Some(at) => of.get(at + 1).or(if of.len() > 1 { of.first() } else { orders.first() }),
        };
        Heading {
            name,
            sorts: next.filter(|_| offered).map(|next| (asked.in_order(*next), title(*next))),
            here: at.filter(|_| offered).map(|_| match here {
                Newest => ("descending", "\u{2193}"),
                Due | Longest | Company => ("ascending", "\u{2191}"),
            }),
        }
    };
    let aged: &[QueueOrder] = &[Longest, Newest];
    [
        heading("Brokerage", &[Company]),
        heading("Mail system", &[]),
        heading("State", if needs { &[] } else { aged }),
        heading("Why it needs a human", if needs { aged } else { &[] }),
        heading("Due", &[Due]),
        heading("Attempt", &[]),
        heading("Taken by", &[]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(view: &QueueView, here: QueueOrder) -> Vec<(&'static str, String, &'static str)> {
        let headings = headings(&Asked::default(), view, here);
        let told = |heading: Heading| {
            let here = heading.here.map_or("", |(word, _)| word);
            heading.sorts.map(|(url, _)| (heading.name, url, here))
        };
        headings.into_iter().filter_map(told).collect()
    }

    #[test]
    fn a_heading_sorts_where_an_index_does_and_turns_round_when_it_is_pressed_again() {
        let link = |order: &str| format!("/?view=needs&order={order}");
        assert_eq!(
            told(&QueueView::Needing, QueueOrder::Due),
            [
                ("Brokerage", link("company"), ""),
                ("Why it needs a human", link("longest"), ""),
                ("Due", link("due"), "ascending")
            ]
        );
        assert_eq!(told(&QueueView::Needing, QueueOrder::Longest)[1].1, link("newest"));
        assert_eq!(
            told(&QueueView::Needing, QueueOrder::Newest)[1],
            ("Why it needs a human", link("longest"), "descending")
        );
        assert_eq!(
            told(&QueueView::Needing, QueueOrder::Company)[0],
            ("Brokerage", link("due"), "ascending")
        );
        assert_eq!(
            told(&QueueView::Checking, QueueOrder::Newest),
            [("State", link("longest"), "descending")]
        );
        assert_eq!(told(&QueueView::All, QueueOrder::Company)[0].1, link("newest"));
        assert_eq!(told(&QueueView::Snoozed, QueueOrder::Due), []);
        assert_eq!(choices(&QueueView::Snoozed, QueueOrder::Due), []);
        assert_eq!(choices(&QueueView::All, QueueOrder::Company)[2], ("company", "By brokerage", true));
    }
}
