-- What was last read of each calendar that a business only reads: when it is taken, and how far that is known.
CREATE TABLE calendar_copies (
    business_id BLOB    NOT NULL REFERENCES businesses (id),
    calendar    TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (json_valid(state)),
    PRIMARY KEY (business_id, calendar)
) STRICT;
