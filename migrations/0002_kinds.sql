-- Exchange Server with a service account, and Microsoft 365 over EWS.
INSERT INTO access_kinds (id) VALUES ('exchange_basic'), ('ews_secret');
