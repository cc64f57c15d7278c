-- Appointments, the time they close, and time without appointments.

-- Comes with every Postgres and may be created by the owner of a database: it lets an exclusion constraint compare
-- identifiers beside ranges.
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA {schema};

CREATE TABLE appointments (
    business_id         uuid NOT NULL,
    id                  uuid NOT NULL,
    version             integer NOT NULL,
    missed_call_id      uuid,
    conversation_id     uuid,
    customer_name       text NOT NULL,
    customer_phone      text CHECK (customer_phone ~ '^\+[1-9][0-9]{1,14}$'),
    customer_email      text,
    service_type        text,
    scheduled_at        timestamptz NOT NULL CHECK (scheduled_at >= '2024-01-01T00:00:00Z'),
    duration_minutes    integer NOT NULL CHECK (duration_minutes > 0),
    status              text NOT NULL,
    source              text NOT NULL,
    location            text,
    notes               text,
    held_until          timestamptz,
    moving_to           timestamptz,
    calendar_provider   text,
    calendar_id         text,
    calendar_event_id   text,
    calendar_etag       text,
    calendar_link       text,
    reminders           json NOT NULL,
    confirmed_at        timestamptz,
    cancelled_at        timestamptz,
    cancelled_by        text,
    cancellation_reason text,
    created_at          timestamptz NOT NULL,
    PRIMARY KEY (business_id, id),
    CHECK ((calendar_event_id IS NULL) = (calendar_provider IS NULL)),
    CHECK ((calendar_event_id IS NULL) = (calendar_id IS NULL))
);
CREATE INDEX appointments_start ON appointments (business_id, scheduled_at, id);
CREATE INDEX appointments_customer ON appointments (business_id, customer_phone, scheduled_at)
    WHERE customer_phone IS NOT NULL;
CREATE INDEX appointments_event ON appointments (business_id, calendar_event_id) WHERE calendar_event_id IS NOT NULL;

-- Time that an appointment closes to the others of its business. The constraint is what makes "never twice" certain,
-- whatever a program forgets; an appointment may overlap itself while it is moved. A hold that has run out is deleted
-- before another takes its place.
CREATE TABLE appointment_blocks (
    business_id    uuid NOT NULL,
    appointment_id uuid NOT NULL,
    starts_at      timestamptz NOT NULL,
    blocked_until  timestamptz NOT NULL,
    expires_at     timestamptz,
    PRIMARY KEY (business_id, appointment_id, starts_at, blocked_until),
    CHECK (blocked_until > starts_at),
    CONSTRAINT appointment_blocks_alone EXCLUDE USING gist (
        business_id WITH =, appointment_id WITH <>, tstzrange(starts_at, blocked_until) WITH &&)
);

-- Time in which a business takes no appointments. `reach_from` and `reach_until` are instants between which it lies in
-- every zone, by which it is found.
CREATE TABLE blocked_times (
    business_id uuid NOT NULL,
    id          uuid NOT NULL,
    span        json NOT NULL,
    reach_from  timestamptz NOT NULL,
    reach_until timestamptz NOT NULL,
    title       text NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (business_id, id)
);
CREATE INDEX blocked_times_end ON blocked_times (business_id, reach_until);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['appointments', 'appointment_blocks', 'blocked_times'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY admitted ON %I USING (array_position('
            '(SELECT nullif(current_setting(''mccc.businesses'', true), '''')::uuid[]), business_id) IS NOT NULL)', name);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE ON appointments TO {role};
GRANT SELECT, INSERT, DELETE ON appointment_blocks TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON blocked_times TO {role};
