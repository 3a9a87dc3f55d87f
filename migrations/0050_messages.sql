-- What our own people write to an office, until it is sent: it is looked at as it will go out.
CREATE TABLE messages (
    id            TEXT PRIMARY KEY,
    brokerage_id  TEXT NOT NULL REFERENCES brokerages (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    staff_id      TEXT NOT NULL REFERENCES staff (id),
    -- The version of the connection that whoever wrote it saw.
    seen          BIGINT NOT NULL,
    text_box      BYTEA NOT NULL,
    created_at    BIGINT NOT NULL,
    sent_at       BIGINT
);
CREATE INDEX messages_by_time ON messages (created_at);

-- What a mail is about: the first id of its event. The timeline of a connection finds its mails by it.
ALTER TABLE mails ADD COLUMN about TEXT NOT NULL DEFAULT '';
UPDATE mails SET about = CASE WHEN event_id LIKE 'look!_%' ESCAPE '!' THEN substr(event_id, 1, 31) ELSE substr(event_id, 1, 30) END;
CREATE INDEX mails_by_what ON mails (about, created_at, id);
