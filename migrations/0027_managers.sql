-- The one account manager who is named for a brokerage. Connections carry the same, so that a page of the queue walks
-- one index for "of my brokerages".
ALTER TABLE brokerages ADD COLUMN manager_id TEXT REFERENCES staff (id);
ALTER TABLE connections ADD COLUMN manager_id TEXT REFERENCES staff (id);
CREATE INDEX connections_managed ON connections (manager_id, changed_at, id) WHERE manager_id IS NOT NULL;
CREATE INDEX staff_roles_by_role ON staff_roles (role, staff_id);
