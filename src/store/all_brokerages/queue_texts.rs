//! What each view of the queue asks the database: its page, its page with filters, and where such a page stopped looking.

// The limits stand in the texts: a database that plans for any limit expects a tenth of all rows and joins them all.

/// The rows of a page and what belongs to them. The page itself, its order once more, and one for each need.
macro_rules! page {
    ($page:expr, $order:literal) => {
        concat!(
            "
SELECT page.id, page.brokerage_id, page.reference, page.name, page.kind, page.kind_chosen, page.state, page.phase, page.changed_at,
    page.queue_due, page.queue_since, page.snoozed_until, page.review_version, page.taken_by, page.taken_at, page.cause, page.place,
    brokerages.company, brokerages.version AS brokerage_version, brokerages.proven_domain, attempts.number, staff.name AS taken_name, needs.rule, needs.since, needs.due_at,
    EXISTS (
        SELECT 1
        FROM hand_decisions
        WHERE hand_decisions.connection_id = page.id AND hand_decisions.attempt_id = page.in_use_id
            AND hand_decisions.verdict = 'passed' AND hand_decisions.check_id IS NOT NULL
    ) AS by_hand
FROM (",
            $page,
            "
) AS page
JOIN brokerages ON brokerages.id = page.brokerage_id
LEFT JOIN attempts ON attempts.id = page.attempt_id
LEFT JOIN staff ON staff.id = page.taken_by
LEFT JOIN needs ON needs.connection_id = page.id
ORDER BY ",
            $order,
            ", needs.due_at, needs.rule"
        )
    };
}

/// What of a connection a page reads.
macro_rules! columns {
    () => {
        "id, brokerage_id, reference, name, kind, kind_chosen, state, phase, changed_at, queue_due, queue_since, snoozed_until, review_version,
        taken_by, taken_at, manager_id, cause, external_id_key, in_use_id,
        needs_since, needs_latest, company_key, COALESCE(candidate_id, in_use_id) AS attempt_id"
    };
}

/// The filters; one that is empty lets everything through.
macro_rules! filters {
    () => {
        "($5 = '' OR state = $5) AND ($6 = '' OR kind = $6) AND ($7 = '' OR cause = $7)
      AND ($8 = '' OR taken_by = $8 OR ($8 = 'nobody' AND taken_by IS NULL))
      AND ($9 = '' OR manager_id = $9)
      AND ($10 = '' OR EXISTS (SELECT 1 FROM needs WHERE needs.connection_id = id AND needs.rule = $10))
      AND ($11 = '' OR external_id_key = $11)
      AND ($12 = '' OR EXISTS (
        SELECT 1 FROM needs WHERE needs.connection_id = id AND $12 LIKE '%,' || needs.rule || ',%'
      ))"
    };
}

/// The texts of a view: its page, its page with filters, and the last row that a page with filters looks at.
pub(super) struct WalkTexts {
    pub(super) whole: &'static str,
    pub(super) sifted: &'static str,
    pub(super) last: &'static str,
}

/// A view, by where its rows are, what tells a place among them, by what they are ordered, and the same once they stand in
/// a page. `$4` is the second part of a place; a view that has none is asked with 0.
macro_rules! walk {
    ($from:expr, $key:literal, $order:literal, $outer:literal) => {
        WalkTexts {
            whole: page!(
                concat!(
                    "
    SELECT ",
                    columns!(),
                    ", ",
                    $key,
                    " AS place
    FROM ",
                    $from,
                    "
    ORDER BY ",
                    $order,
                    "
    LIMIT 51"
                ),
                $outer
            ),
            sifted: page!(
                concat!(
                    "
    SELECT *
    FROM (
        SELECT ",
                    columns!(),
                    ", ",
                    $key,
                    " AS place
        FROM ",
                    $from,
                    "
        ORDER BY ",
                    $order,
                    "
        LIMIT 1000
    ) AS page
    WHERE ",
                    filters!(),
                    "
    ORDER BY ",
                    $outer,
                    "
    LIMIT 51"
                ),
                $outer
            ),
            // Without a name of its own the cast of a column is called after the column, and the order would be that of its text.
            last: concat!(
                "
SELECT ",
                $key,
                " AS place, id
FROM ",
                $from,
                "
ORDER BY ",
                $order,
                "
LIMIT 1 OFFSET 999"
            ),
        }
    };
}

/// A view in the order of its changes, the latest first or the one longest ago: one index, walked from either end.
macro_rules! changed {
    ($latest:ident, $longest:ident, $from:literal) => {
        pub(super) const $latest: WalkTexts = walk!(
            concat!($from, " AND (changed_at, id) < ($1, $2) AND $4 = 0"),
            "CAST(changed_at AS TEXT)",
            "changed_at DESC, id DESC",
            "page.changed_at DESC, page.id DESC"
        );
        pub(super) const $longest: WalkTexts = walk!(
            concat!($from, " AND (changed_at, id) > ($1, $2) AND $4 = 0"),
            "CAST(changed_at AS TEXT)",
            "changed_at, id",
            "page.changed_at, page.id"
        );
    };
}

changed!(TAKEN_BY, TAKEN_BY_LONGEST, "connections WHERE taken_by = $3");
changed!(MANAGED_BY, MANAGED_BY_LONGEST, "connections WHERE manager_id = $3");
changed!(IN_STATE, IN_STATE_LONGEST, "connections WHERE state = $3");
// Not all that are submitted: some wait for us, and stand among what needs a human.
changed!(CHECKING, CHECKING_LONGEST, "connections WHERE phase IN ('queued', 'checking') AND $3 = ''");
changed!(
    WITH_PROVIDER,
    WITH_PROVIDER_LONGEST,
    "connections WHERE phase = 'waiting_for_provider' AND $3 = ''"
);
changed!(OF_KIND, OF_KIND_LONGEST, "connections WHERE kind = $3");
changed!(WITH_CAUSE, WITH_CAUSE_LONGEST, "connections WHERE cause = $3");
changed!(WITH_EXTERNAL_ID, WITH_EXTERNAL_ID_LONGEST, "connections WHERE external_id_key = $3");
changed!(ALL, ALL_LONGEST, "connections WHERE $3 = ''");

// By name; the place's name stands where other views have what they are of.
pub(super) const ALL_BY_COMPANY: WalkTexts = walk!(
    "connections WHERE (company_key, id) > ($3, $2) AND $1 = 0 AND $4 = 0",
    "company_key",
    "company_key, id",
    "page.company_key, page.id"
);
pub(super) const NEEDING_BY_COMPANY: WalkTexts = walk!(
    "connections WHERE queue_due IS NOT NULL AND (company_key, id) > ($3, $2) AND $1 = 0 AND $4 = 0",
    "company_key",
    "company_key, id",
    "page.company_key, page.id"
);

pub(super) const NEEDING: WalkTexts = walk!(
    "connections WHERE queue_due IS NOT NULL AND (queue_due, queue_since, id) > ($1, $4, $2) AND $3 = ''",
    "CAST(queue_due AS TEXT) || '-' || CAST(queue_since AS TEXT)",
    "queue_due, queue_since, id",
    "page.queue_due, page.queue_since, page.id"
);
// By the first of its needs, and by the latest: that is the news.
pub(super) const NEEDING_LONGEST: WalkTexts = walk!(
    "connections WHERE queue_due IS NOT NULL AND (needs_since, id) > ($1, $2) AND $3 = '' AND $4 = 0",
    "CAST(needs_since AS TEXT)",
    "needs_since, id",
    "page.needs_since, page.id"
);
pub(super) const NEEDING_NEWEST: WalkTexts = walk!(
    "connections WHERE queue_due IS NOT NULL AND (needs_latest, id) < ($1, $2) AND $3 = '' AND $4 = 0",
    "CAST(needs_latest AS TEXT)",
    "needs_latest DESC, id DESC",
    "page.needs_latest DESC, page.id DESC"
);
pub(super) const SNOOZED: WalkTexts = walk!(
    "connections WHERE snoozed_until IS NOT NULL AND (snoozed_until, id) > ($1, $2) AND $3 = '' AND $4 = 0",
    "CAST(snoozed_until AS TEXT)",
    "snoozed_until, id",
    "page.snoozed_until, page.id"
);
// By its own due time, not by that of the connection's first need. What is put off is not among them. No other order: all
// needs of a rule have one term, so what waits longest is what is due first.
pub(super) const BY_RULE: WalkTexts = walk!(
    "needs AS wanted JOIN connections ON connections.id = wanted.connection_id
        WHERE wanted.rule = $3 AND (wanted.due_at, wanted.since, wanted.connection_id) > ($1, $4, $2) AND queue_due IS NOT NULL",
    "CAST(wanted.due_at AS TEXT) || '-' || CAST(wanted.since AS TEXT)",
    "wanted.due_at, wanted.since, wanted.connection_id",
    "page.place, page.id"
);
/// A search with a filter or without: how many of the words it looks through, and what it lets through.
macro_rules! found {
    ($most:literal, $filters:expr) => {
        page!(
            concat!(
                "
    SELECT ",
                columns!(),
                ", found.word AS place
    FROM (
        SELECT word, connection_id
        FROM (
            SELECT word, connection_id
            FROM connection_words
            WHERE (word, connection_id) > ($1, $2) AND word < $3
            ORDER BY word, connection_id
            LIMIT 1000
        ) AS words
        WHERE NOT EXISTS (
            SELECT 1
            FROM connection_words AS earlier
            WHERE earlier.connection_id = words.connection_id AND earlier.word >= $4 AND earlier.word < words.word
        )
        ORDER BY word, connection_id
        LIMIT ",
                $most,
                "
    ) AS found
    JOIN connections ON connections.id = found.connection_id
    WHERE ",
                $filters,
                "
    ORDER BY found.word, id
    LIMIT 51"
            ),
            "page.place, page.id"
        )
    };
}

// A beginning is a range of the sorted words: no pattern, so no letter of it has a meaning. A connection stands where
// the first of its words does.
pub(super) const FOUND: &str = found!(
    "51",
    "$5 = '' AND $6 = '' AND $7 = '' AND $8 = '' AND $9 = '' AND $10 = '' AND $11 = '' AND $12 = ''"
);

pub(super) const FOUND_SIFTED: &str = found!("1000", filters!());

// The last of the words that a page looked through, where there were so many.
pub(super) const LOOKED_TO: &str = "
SELECT word, connection_id
FROM connection_words
WHERE (word, connection_id) > ($1, $2) AND word < $3
ORDER BY word, connection_id
LIMIT 1 OFFSET 999";

macro_rules! texts {
    ($($walk:ident),*) => {
        /// Every text of this file, for the test that prepares them on both databases.
        pub(super) const TEXTS: &[&str] =
            &[$($walk.whole, $walk.sifted, $walk.last,)* FOUND, FOUND_SIFTED, LOOKED_TO];
    };
}

texts!(
    NEEDING,
    NEEDING_LONGEST,
    NEEDING_NEWEST,
    NEEDING_BY_COMPANY,
    SNOOZED,
    TAKEN_BY,
    TAKEN_BY_LONGEST,
    MANAGED_BY,
    MANAGED_BY_LONGEST,
    IN_STATE,
    IN_STATE_LONGEST,
    CHECKING,
    CHECKING_LONGEST,
    WITH_PROVIDER,
    WITH_PROVIDER_LONGEST,
    OF_KIND,
    OF_KIND_LONGEST,
    WITH_CAUSE,
    WITH_CAUSE_LONGEST,
    WITH_EXTERNAL_ID,
    WITH_EXTERNAL_ID_LONGEST,
    ALL,
    ALL_LONGEST,
    ALL_BY_COMPANY,
    BY_RULE
);
