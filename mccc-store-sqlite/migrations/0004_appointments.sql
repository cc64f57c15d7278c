-- Appointments, the time they close, and time without appointments.

CREATE TABLE appointments (
    id                  BLOB    NOT NULL CHECK (length(id) = 16),
    business_id         BLOB    NOT NULL REFERENCES businesses (id),
    version             INTEGER NOT NULL,
    missed_call_id      BLOB,
    conversation_id     BLOB,
    customer_name       TEXT    NOT NULL,
    customer_phone      TEXT    CHECK (customer_phone GLOB '+[1-9]*'),
    customer_email      TEXT,
    service_type        TEXT,
    scheduled_at        INTEGER NOT NULL CHECK (scheduled_at >= 1704067200000000),
    duration_minutes    INTEGER NOT NULL CHECK (duration_minutes > 0),
    status              TEXT    NOT NULL,
    source              TEXT    NOT NULL,
    location            TEXT,
    notes               TEXT,
    held_until          INTEGER,
    moving_to           INTEGER,
    calendar_provider   TEXT,
    calendar_id         TEXT,
    calendar_event_id   TEXT,
    calendar_etag       TEXT,
    calendar_link       TEXT,
    reminders           TEXT    NOT NULL CHECK (json_valid(reminders)),
    confirmed_at        INTEGER,
    cancelled_at        INTEGER,
    cancelled_by        TEXT,
    cancellation_reason TEXT,
    created_at          INTEGER NOT NULL,
    PRIMARY KEY (business_id, id),
    CHECK ((calendar_event_id IS NULL) = (calendar_provider IS NULL)),
    CHECK ((calendar_event_id IS NULL) = (calendar_id IS NULL))
) STRICT;
CREATE INDEX appointments_by_start ON appointments (business_id, scheduled_at, id);
CREATE INDEX appointments_by_customer ON appointments (business_id, customer_phone, scheduled_at) WHERE customer_phone IS NOT NULL;
CREATE INDEX appointments_by_event ON appointments (business_id, calendar_event_id) WHERE calendar_event_id IS NOT NULL;

-- Time that an appointment closes to the others of its business.
CREATE TABLE appointment_blocks (
    business_id    BLOB    NOT NULL REFERENCES businesses (id),
    appointment_id BLOB    NOT NULL,
    starts_at      INTEGER NOT NULL,
    blocked_until  INTEGER NOT NULL CHECK (blocked_until > starts_at),
    expires_at     INTEGER,
    PRIMARY KEY (business_id, appointment_id, starts_at, blocked_until)
) STRICT, WITHOUT ROWID;
CREATE INDEX appointment_blocks_by_start ON appointment_blocks (business_id, starts_at);

-- What a commit asks before it writes, once more as a rule of the database: no two appointments close the same time. A
-- hold that has run out is deleted before another takes its place.
CREATE TRIGGER appointment_blocks_alone BEFORE INSERT ON appointment_blocks
WHEN EXISTS (SELECT 1 FROM appointment_blocks b WHERE b.business_id = NEW.business_id
             AND b.appointment_id <> NEW.appointment_id
             AND b.starts_at < NEW.blocked_until AND NEW.starts_at < b.blocked_until)
BEGIN
    SELECT RAISE(ABORT, 'two appointments close the same time');
END;

-- Time in which a business takes no appointments. `reach_from` and `reach_until` are instants between which it lies in
-- every zone, by which it is found.
CREATE TABLE blocked_times (
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    business_id BLOB    NOT NULL REFERENCES businesses (id),
    span        TEXT    NOT NULL CHECK (json_valid(span)),
    reach_from  INTEGER NOT NULL,
    reach_until INTEGER NOT NULL,
    title       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (business_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocked_times_by_end ON blocked_times (business_id, reach_until);
