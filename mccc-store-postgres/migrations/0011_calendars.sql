-- How far the calendar of a business elsewhere was followed, and under which identifier an appointment's event is made.

ALTER TABLE appointments ADD COLUMN calendar_attempt integer NOT NULL DEFAULT 0;

CREATE TABLE calendar_syncs (
    business_id uuid PRIMARY KEY,
    version     integer NOT NULL,
    state       json NOT NULL
);

ALTER TABLE calendar_syncs ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_syncs FORCE ROW LEVEL SECURITY;
CREATE POLICY admitted ON calendar_syncs USING (array_position(
    (SELECT nullif(current_setting('mccc.businesses', true), '')::uuid[]), business_id) IS NOT NULL);

GRANT SELECT, INSERT, UPDATE ON calendar_syncs TO {role};
