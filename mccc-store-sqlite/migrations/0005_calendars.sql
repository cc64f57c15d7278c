-- How far the calendar of a business elsewhere was followed, and under which identifier an appointment's event is made.

ALTER TABLE appointments ADD COLUMN calendar_attempt INTEGER NOT NULL DEFAULT 0;

CREATE TABLE calendar_syncs (
    business_id BLOB    NOT NULL REFERENCES businesses (id),
    version     INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (json_valid(state)),
    PRIMARY KEY (business_id)
) STRICT, WITHOUT ROWID;
