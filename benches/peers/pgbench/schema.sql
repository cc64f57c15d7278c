-- What one missed call leaves behind, in tables of the product's shape: the same columns and the same index entries for
-- the call, its feed entry and its job. Without row-level security, without totals and without a lock on the business:
-- a reference may be faster for doing less, never slower.
DROP SCHEMA IF EXISTS peers CASCADE;
CREATE SCHEMA peers;
SET search_path = peers;

-- Ascending identifiers, as time-ordered UUIDs are: random ones would touch more pages than the product does.
CREATE SEQUENCE ids CACHE 64;
CREATE FUNCTION next_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT lpad(to_hex(nextval('peers.ids')), 32, '0')::uuid
$$;

CREATE TABLE businesses (
    business_id uuid PRIMARY KEY,
    number      text NOT NULL UNIQUE
);

CREATE TABLE missed_calls (
    business_id                uuid NOT NULL,
    id                         uuid NOT NULL DEFAULT peers.next_id(),
    version                    integer NOT NULL DEFAULT 1,
    received_at                timestamptz NOT NULL DEFAULT now(),
    local_day                  date NOT NULL DEFAULT current_date,
    settings_version           bigint NOT NULL DEFAULT 1,
    responded_at               timestamptz,
    ended_at                   timestamptz,
    read_at                    timestamptz,
    callback_completed_at      timestamptz,
    conversation_id            uuid,
    call_duration_seconds      integer,
    recording_duration_seconds integer,
    recovered                  boolean NOT NULL DEFAULT false,
    is_test                    boolean NOT NULL DEFAULT false,
    needs_attention            boolean NOT NULL DEFAULT false,
    provider_call              text NOT NULL,
    caller_id_status           text NOT NULL DEFAULT 'present',
    caller_phone               text,
    caller_name                text,
    dialled_number             text NOT NULL,
    forwarded_from             text,
    scheduled_method           text NOT NULL DEFAULT 'auto_text_only',
    routing_method             text NOT NULL DEFAULT 'auto_text_only',
    variant                    text NOT NULL DEFAULT 'after_hours',
    state                      text NOT NULL DEFAULT 'ringing',
    outcome                    text NOT NULL DEFAULT 'no_action',
    text_status                text NOT NULL DEFAULT 'claimed',
    provider_recording         text,
    tags                       text[] NOT NULL DEFAULT '{}',
    rule                       json NOT NULL,
    reply                      json NOT NULL,
    trace                      json NOT NULL,
    PRIMARY KEY (business_id, id)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX ON missed_calls (business_id, provider_call);
CREATE INDEX ON missed_calls (business_id, received_at DESC, id DESC);
CREATE INDEX ON missed_calls (business_id, routing_method, outcome, received_at DESC, id DESC);
CREATE INDEX ON missed_calls (business_id, caller_phone, received_at DESC, id DESC) WHERE caller_phone IS NOT NULL;
CREATE INDEX ON missed_calls (business_id, received_at DESC, id DESC) WHERE needs_attention;

CREATE SEQUENCE feed_seq CACHE 64;
CREATE TABLE feed_events (
    business_id     uuid NOT NULL,
    seq             bigint NOT NULL DEFAULT nextval('peers.feed_seq'),
    at              timestamptz NOT NULL DEFAULT now(),
    call_id         uuid,
    conversation_id uuid,
    message_id      uuid,
    kind            text NOT NULL,
    data            json NOT NULL,
    PRIMARY KEY (business_id, seq)
);
CREATE INDEX ON feed_events (business_id, call_id, seq) WHERE call_id IS NOT NULL;

CREATE TABLE jobs (
    id          uuid PRIMARY KEY DEFAULT peers.next_id(),
    business_id uuid NOT NULL,
    run_at      timestamptz NOT NULL DEFAULT now(),
    due_at      timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz,
    fence       bigint NOT NULL DEFAULT 0,
    attempt     integer NOT NULL DEFAULT 0,
    state       text NOT NULL DEFAULT 'queued',
    kind        text NOT NULL,
    subject     text,
    dedupe      text NOT NULL,
    worker      text,
    reason      text,
    payload     json NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX ON jobs (run_at) WHERE state = 'queued';
CREATE INDEX ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX ON jobs (kind) WHERE state = 'dead';
CREATE UNIQUE INDEX ON jobs (business_id, kind, dedupe) WHERE state IN ('queued', 'running');

INSERT INTO businesses
SELECT lpad(to_hex(n), 32, '0')::uuid, '+1773' || (2000000 + n) FROM generate_series(0, 1999) AS n;
ANALYZE businesses;
