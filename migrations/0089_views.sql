-- Other orders of the queue, each an index of its own: by its first need and by the latest one, and by the brokerage's
-- name, which never changes.
ALTER TABLE connections ADD COLUMN needs_latest BIGINT;
ALTER TABLE connections ADD COLUMN company_key TEXT NOT NULL DEFAULT '';
UPDATE connections SET
    needs_latest = (SELECT MAX(since) FROM needs WHERE needs.connection_id = connections.id),
    company_key = (SELECT company_key FROM brokerages WHERE brokerages.id = connections.brokerage_id);
CREATE INDEX connections_needing_longest ON connections (needs_since, id) WHERE queue_due IS NOT NULL;
CREATE INDEX connections_needing_latest ON connections (needs_latest, id) WHERE queue_due IS NOT NULL;
CREATE INDEX connections_needing_by_company ON connections (company_key, id) WHERE queue_due IS NOT NULL;
CREATE INDEX connections_by_company ON connections (company_key, id);

-- Lists of the queue that somebody gave a name: what the address asked for, as we write it ourselves.
CREATE TABLE saved_views (
    id         TEXT PRIMARY KEY,
    version    BIGINT NOT NULL,
    staff_id   TEXT NOT NULL REFERENCES staff (id),
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    query      TEXT NOT NULL,
    shared     BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_views_by_name ON saved_views (staff_id, name_key);
CREATE INDEX saved_views_shared ON saved_views (name_key, id) WHERE shared;
