//! The texts that list lines of the audit: one for each way in, so that an index leads to the newest lines first.

/// A page of lines. `$from` and `$lead` are what an index is walked by, `$order` is how, `$most` is how many fit on the page.
macro_rules! lines {
    ($from:expr, $lead:literal, $order:literal, $most:literal) => {
        concat!(
            "
SELECT page.id, page.at, page.actor, page.actor_id, page.verb, page.object, page.brokerage_id, page.detail,
    audit_chain.seq, audit_chain.hash, earlier.hash AS previous, audit_unsealed.audit_id AS waits,
    COALESCE(staff.name, people.name) AS name, brokerages.company, connections.reference
FROM (
    SELECT id, at, actor, actor_id, verb, object, brokerage_id, detail
    FROM (
        SELECT audit.id, audit.at, audit.actor, audit.actor_id, audit.verb, audit.object, audit.brokerage_id, audit.detail
        FROM ",
            $from,
            "
        WHERE ",
            $lead,
            "(audit.at, audit.id) < ($1, $2) AND audit.at >= $3
        ORDER BY ",
            $order,
            "
        LIMIT 2000
    ) AS looked
    WHERE ($4 = '' OR actor = $4 OR actor_id = $4) AND ($5 = '' OR verb = $5) AND $6 = $6
      AND ($7 = '' OR brokerage_id = $7)
    ORDER BY at DESC, id DESC
    LIMIT ",
            $most,
            "
) AS page
LEFT JOIN audit_chain ON audit_chain.audit_id = page.id
LEFT JOIN audit_chain AS earlier ON earlier.seq = CASE WHEN audit_chain.seq > 1 THEN audit_chain.seq - 1 END
LEFT JOIN audit_unsealed ON audit_unsealed.audit_id = page.id
LEFT JOIN staff ON staff.id = page.actor_id
LEFT JOIN people ON people.id = page.actor_id
LEFT JOIN brokerages ON brokerages.id = page.brokerage_id
LEFT JOIN connections ON connections.id = page.object
ORDER BY page.at DESC, page.id DESC"
        )
    };
}

/// The last of the lines that a page looked through, where there were so many. The conditions on the other values are
/// there so that every text takes the same ones.
macro_rules! looked_to {
    ($from:expr, $lead:literal, $order:literal) => {
        concat!(
            "
SELECT audit.at, audit.id
FROM ",
            $from,
            "
WHERE ",
            $lead,
            "(audit.at, audit.id) < ($1, $2) AND audit.at >= $3 AND $4 = $4 AND $5 = $5 AND $6 = $6 AND $7 = $7
ORDER BY ",
            $order,
            "
LIMIT 1 OFFSET 1999"
        )
    };
}

/// The thing that is asked for and what belongs to it: of a connection its attempts and checks, what was asked and seen; of an
/// attempt the same; of a request its looks. Each stands once.
macro_rules! things {
    () => {
        "(
    SELECT CAST($6 AS TEXT) AS id
    UNION
    SELECT id FROM attempts WHERE connection_id = $6
    UNION
    SELECT id FROM checks WHERE connection_id = $6
    UNION
    SELECT id FROM checks WHERE attempt_id = $6
    UNION
    SELECT event_id FROM rosters WHERE connection_id = $6
    UNION
    SELECT id FROM questions WHERE connection_id = $6
    UNION
    SELECT id FROM access_requests WHERE connection_id = $6
    UNION
    SELECT access_looks.id
    FROM access_requests
    JOIN access_looks ON access_looks.request_id = access_requests.id
    WHERE access_requests.connection_id = $6
    UNION
    SELECT access_requests.id
    FROM attempts
    JOIN access_requests
      ON access_requests.connection_id = attempts.connection_id AND access_requests.attempt_id = attempts.id
    WHERE attempts.id = $6
    UNION
    SELECT access_looks.id
    FROM attempts
    JOIN access_requests
      ON access_requests.connection_id = attempts.connection_id AND access_requests.attempt_id = attempts.id
    JOIN access_looks ON access_looks.request_id = access_requests.id
    WHERE attempts.id = $6
    UNION
    SELECT id FROM access_looks WHERE request_id = $6
) AS things
CROSS JOIN audit"
    };
}

/// The three texts of one way in.
pub(super) struct Texts {
    pub(super) page: &'static str,
    pub(super) file: &'static str,
    pub(super) looked_to: &'static str,
}

macro_rules! texts {
    ($from:expr, $lead:literal, $order:literal) => {
        Texts {
            page: lines!($from, $lead, $order, "51"),
            file: lines!($from, $lead, $order, "1001"),
            looked_to: looked_to!($from, $lead, $order),
        }
    };
    ($lead:literal) => {
        texts!("audit", $lead, "audit.at DESC, audit.id DESC")
    };
}

pub(super) const BY_TIME: Texts = texts!("");
pub(super) const BY_ACTOR: Texts = texts!("audit.actor_id = $4 AND ");
pub(super) const BY_VERB: Texts = texts!("audit.verb = $5 AND ");
// Whatever else the table holds, these lines are reached by their things alone: hence the order that is no index's.
pub(super) const BY_OBJECT: Texts =
    texts!(things!(), "audit.object = things.id AND ", "audit.at + 0 DESC, audit.id DESC");
pub(super) const BY_BROKERAGE: Texts = texts!("audit.brokerage_id = $7 AND ");
