-- What checks write to test mailboxes: noted before it is written, forgotten once it is gone again. So whatever a lost
-- worker left behind is known and can be removed later.
CREATE TABLE test_item_words (id TEXT PRIMARY KEY);
INSERT INTO test_item_words (id) VALUES ('contact'), ('event'), ('draft');

CREATE TABLE test_items (
    check_id      TEXT NOT NULL REFERENCES checks (id),
    run           BIGINT NOT NULL,
    thing         TEXT NOT NULL REFERENCES test_item_words (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    -- By what it is found again: its mark, its day and its id in the mailbox, once that is known.
    place_box     BYTEA NOT NULL,
    noted_at      BIGINT NOT NULL,
    -- When we stopped trying to remove it; our own people see it from then on.
    given_up_at   BIGINT,
    PRIMARY KEY (check_id, run, thing)
);
CREATE INDEX test_items_by_connection ON test_items (connection_id);
CREATE INDEX test_items_by_time ON test_items (noted_at);

INSERT INTO need_rules (id) VALUES ('left_behind');

-- Trouble that several brokerages meet at the same time is found by when verdicts came.
CREATE INDEX verdicts_by_time ON verdicts (decided_at);
