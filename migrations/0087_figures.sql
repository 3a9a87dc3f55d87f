-- The page of figures: connections by when they were made, and how many of each kind stand where.
CREATE INDEX connections_by_beginning ON connections (created_at, id);
CREATE INDEX connections_by_kind_and_state ON connections (kind, state);
