-- Microsoft 365 with a service account and its password.
INSERT INTO access_kinds (id) VALUES ('microsoft365_password');
