-- What was last read of each calendar that a business only reads: when it is taken, and how far that is known.
CREATE TABLE calendar_copies (
    business_id uuid    NOT NULL,
    calendar    text    NOT NULL,
    version     integer NOT NULL,
    state       json    NOT NULL,
    PRIMARY KEY (business_id, calendar)
);

ALTER TABLE calendar_copies ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_copies FORCE ROW LEVEL SECURITY;
CREATE POLICY admitted ON calendar_copies USING (array_position(
    (SELECT nullif(current_setting('mccc.businesses', true), '')::uuid[]), business_id) IS NOT NULL);

GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_copies TO {role};
