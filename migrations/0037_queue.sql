-- When each need is due, what is put off until when, and what the queue is filtered by. All of it is written by the
-- actions, so that a page of the queue walks one index and works nothing out.
ALTER TABLE needs ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
UPDATE needs SET due_at = since + 86400000000;
CREATE INDEX needs_by_rule ON needs (rule, due_at, connection_id);

-- When the first of its needs is due; nothing while it needs nobody or is put off.
ALTER TABLE connections ADD COLUMN queue_due BIGINT;
ALTER TABLE connections ADD COLUMN snoozed_until BIGINT;
ALTER TABLE connections ADD COLUMN snoozed_by TEXT REFERENCES staff (id);
-- The cause of its current attempt, while it is not verified.
ALTER TABLE connections ADD COLUMN cause TEXT;
UPDATE connections SET
    queue_due = (SELECT MIN(due_at) FROM needs WHERE needs.connection_id = connections.id),
    cause = CASE WHEN state = 'verified' THEN NULL ELSE (
        SELECT attempts.cause FROM attempts WHERE attempts.id = COALESCE(connections.candidate_id, connections.in_use_id)
    ) END;

DROP INDEX connections_in_need;
CREATE INDEX connections_due ON connections (queue_due, id) WHERE queue_due IS NOT NULL;
CREATE INDEX connections_snoozed ON connections (snoozed_until, id) WHERE snoozed_until IS NOT NULL;
CREATE INDEX connections_by_kind ON connections (kind, changed_at, id);
CREATE INDEX connections_by_cause ON connections (cause, changed_at, id) WHERE cause IS NOT NULL;
CREATE INDEX connections_with_external_id ON connections (external_id_key, changed_at, id)
    WHERE external_id_key IS NOT NULL;

-- A search finds external ids, too.
INSERT INTO connection_words (word, connection_id)
SELECT external_id_key, id FROM connections WHERE external_id_key IS NOT NULL
ON CONFLICT (word, connection_id) DO NOTHING;
