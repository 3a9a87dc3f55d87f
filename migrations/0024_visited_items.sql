-- What a visit to a mailbox of a roster writes is noted like what a check writes. Such an item belongs to the check whose
-- credential opens the mailboxes, to a run below zero, and to the mailbox's place in the roster; 0 is the test mailbox.
CREATE TABLE noted_items (
    check_id      TEXT NOT NULL REFERENCES checks (id),
    run           BIGINT NOT NULL,
    place         BIGINT NOT NULL,
    thing         TEXT NOT NULL REFERENCES test_item_words (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    -- By what it is found again: its mailbox, its mark, its day and its id there, once that is known.
    place_box     BYTEA NOT NULL,
    noted_at      BIGINT NOT NULL,
    -- When we stopped trying to remove it; our own people see it from then on.
    given_up_at   BIGINT,
    PRIMARY KEY (check_id, run, place, thing)
);
INSERT INTO noted_items (check_id, run, place, thing, connection_id, place_box, noted_at, given_up_at)
SELECT check_id, run, 0, thing, connection_id, place_box, noted_at, given_up_at FROM test_items;
DROP TABLE test_items;
ALTER TABLE noted_items RENAME TO test_items;
CREATE INDEX test_items_by_connection ON test_items (connection_id);
CREATE INDEX test_items_by_time ON test_items (noted_at);
