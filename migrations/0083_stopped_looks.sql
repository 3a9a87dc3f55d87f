-- A look that was stopped while its answer was on its way says so.
INSERT INTO access_withheld (id) VALUES ('stopped');
