-- All requests to see secrets, the newest first, for our own people.
CREATE INDEX access_requests_by_time ON access_requests (asked_at, id);
