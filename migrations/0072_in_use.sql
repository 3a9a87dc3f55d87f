-- Our own people check the credential in use once more. Such a check moves no state and is no part of what decided its
-- attempt; one that failed is remembered until a later one passes.
INSERT INTO check_origins (id) VALUES ('in_use');
INSERT INTO need_rules (id) VALUES ('in_use_failed');
ALTER TABLE attempts ADD COLUMN failed_in_use TEXT REFERENCES checks (id);
