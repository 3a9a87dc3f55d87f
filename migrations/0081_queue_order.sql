-- By what the queue is ordered where several are due at once, as all of a weekend are: since when it waits. What waits for
-- nothing but to be accepted comes behind everything else that is due then, so it counts as much younger.
ALTER TABLE connections ADD COLUMN queue_since BIGINT;
UPDATE connections SET queue_since = (
    SELECT MIN(since + CASE WHEN rule = 'acceptance' THEN 1000000000000000000 ELSE 0 END)
    FROM needs WHERE needs.connection_id = connections.id
);
DROP INDEX connections_due;
CREATE INDEX connections_due ON connections (queue_due, queue_since, id) WHERE queue_due IS NOT NULL;
DROP INDEX needs_by_rule;
CREATE INDEX needs_by_rule ON needs (rule, due_at, since, connection_id);

-- What is being checked now, and what waits for its provider, the latest change first.
CREATE INDEX connections_being_checked ON connections (changed_at, id) WHERE phase IN ('queued', 'checking');
CREATE INDEX connections_with_provider ON connections (changed_at, id) WHERE phase = 'waiting_for_provider';
