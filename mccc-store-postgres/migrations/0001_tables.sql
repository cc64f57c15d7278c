-- The tables. `{schema}` and `{role}` are replaced by quoted names before this runs.
--
-- Two kinds, and nothing between them:
--   tenant tables       lead their key with business_id and force row-level security; the policies admit only the
--                       businesses that the transaction names in mccc.businesses;
--   installation tables hold what must be found before a tenant is known or across tenants; the server's role has no
--                       grant on them and reaches them through the functions of the next step alone.
--
-- Names are text with checks, not enum types: equality of enums is not leakproof, so that a condition on one could not
-- use an index beneath a policy. Documents are json, not jsonb: they are written once, read whole and keep every
-- character. Hot tables have no foreign keys: every writer holds the row lock on the business's head, which proves that
-- the business exists, and a key check would lock it once more for each row.

-- ---- tenant tables -------------------------------------------------------------------------------------------------

CREATE TABLE businesses (
    business_id uuid PRIMARY KEY,
    settings    json NOT NULL,
    created_at  timestamptz NOT NULL,
    saved_at    timestamptz NOT NULL
);

-- One narrow row a business: whoever writes for the business holds its lock until the transaction ends. That makes feed
-- positions visible in order and settles every race between two writers of one business.
CREATE TABLE business_heads (
    business_id      uuid PRIMARY KEY,
    settings_version bigint NOT NULL,
    feed_position    bigint NOT NULL DEFAULT 0,
    ledger_length    bigint NOT NULL DEFAULT 0,
    ledger_head      bytea,
    CHECK ((ledger_length = 0) = (ledger_head IS NULL))
) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE missed_calls (
    business_id                uuid NOT NULL,
    id                         uuid NOT NULL,
    version                    integer NOT NULL,
    received_at                timestamptz NOT NULL,
    local_day                  date NOT NULL,
    settings_version           bigint NOT NULL,
    responded_at               timestamptz,
    ended_at                   timestamptz,
    read_at                    timestamptz,
    callback_completed_at      timestamptz,
    conversation_id            uuid,
    call_duration_seconds      integer CHECK (call_duration_seconds >= 0),
    recording_duration_seconds integer CHECK (recording_duration_seconds >= 0),
    recovered                  boolean NOT NULL,
    is_test                    boolean NOT NULL,
    needs_attention            boolean NOT NULL,
    provider_call              text NOT NULL,
    caller_id_status           text NOT NULL,
    caller_phone               text CHECK (caller_phone ~ '^\+[1-9][0-9]{1,14}$'),
    caller_name                text,
    dialled_number             text NOT NULL,
    forwarded_from             text,
    scheduled_method           text NOT NULL,
    routing_method             text NOT NULL,
    variant                    text NOT NULL,
    state                      text NOT NULL,
    outcome                    text NOT NULL,
    text_status                text NOT NULL,
    provider_recording         text,
    tags                       text[] NOT NULL DEFAULT '{}',
    rule                       json NOT NULL,
    reply                      json NOT NULL,
    trace                      json NOT NULL,
    PRIMARY KEY (business_id, id),
    CHECK ((caller_id_status = 'present') = (caller_phone IS NOT NULL))
) WITH (fillfactor = 85);
-- The provider's identifier is what makes a repeated webhook count once.
CREATE UNIQUE INDEX missed_calls_provider ON missed_calls (business_id, provider_call);
CREATE INDEX missed_calls_page ON missed_calls (business_id, received_at DESC, id DESC);
-- Serves a method, a dashboard label (one to three outcomes) or both: a page merges the newest of each pair.
CREATE INDEX missed_calls_filter ON missed_calls (business_id, routing_method, outcome, received_at DESC, id DESC)
    INCLUDE (is_test, local_day);
CREATE INDEX missed_calls_caller ON missed_calls (business_id, caller_phone, received_at DESC, id DESC)
    WHERE caller_phone IS NOT NULL;
CREATE INDEX missed_calls_attention ON missed_calls (business_id, received_at DESC, id DESC) WHERE needs_attention;

-- Sums by local day, kept in the transaction that changes a call. One row a day: a month is thirty rows however many
-- methods and outcomes it has. Each pair of method and outcome has a place from 1 to 80: sixteen for each method
-- (ai_voice, auto_text_only, both, voicemail, off), in them the outcomes (no_action, answered_by_ai, voicemail_left,
-- voicemail_no_message, auto_text_sent, appointment_booked, callback_requested, question_answered, lead_captured,
-- hung_up, spam, failed). `counts` holds calls at the place, recovered at 80 + place, responded at 160 + place.
CREATE TABLE call_totals (
    business_id uuid NOT NULL,
    local_day   date NOT NULL,
    counts      integer[] NOT NULL CHECK (cardinality(counts) = 240),
    response_ms bigint[] NOT NULL CHECK (cardinality(response_ms) = 80),
    PRIMARY KEY (business_id, local_day)
) WITH (fillfactor = 60);

CREATE TABLE feed_events (
    business_id     uuid NOT NULL,
    seq             bigint NOT NULL,
    at              timestamptz NOT NULL,
    call_id         uuid,
    conversation_id uuid,
    message_id      uuid,
    kind            text NOT NULL,
    data            json NOT NULL,
    PRIMARY KEY (business_id, seq)
);
CREATE INDEX feed_events_call ON feed_events (business_id, call_id, seq) WHERE call_id IS NOT NULL;

CREATE TABLE contacts (
    business_id     uuid NOT NULL,
    phone           text NOT NULL,
    name            text,
    line_type       text,
    line_checked_at timestamptz,
    created_at      timestamptz NOT NULL,
    last_seen_at    timestamptz NOT NULL,
    PRIMARY KEY (business_id, phone),
    CHECK ((line_type IS NULL) = (line_checked_at IS NULL))
);

CREATE TABLE caller_flags (
    business_id     uuid NOT NULL,
    phone           text NOT NULL,
    version         integer NOT NULL,
    blocked         boolean NOT NULL,
    spam            boolean NOT NULL,
    no_auto_text    boolean NOT NULL,
    emergency_until timestamptz,
    test_until      timestamptz,
    PRIMARY KEY (business_id, phone)
);

CREATE TABLE conversations (
    business_id             uuid NOT NULL,
    id                      uuid NOT NULL,
    phone                   text NOT NULL,
    version                 integer NOT NULL,
    state                   text NOT NULL,
    taken_by                uuid,
    last_call               uuid,
    unread                  integer NOT NULL,
    automated_since_inbound integer NOT NULL,
    preview                 text NOT NULL,
    outcome                 text NOT NULL,
    last_message_at         timestamptz NOT NULL,
    last_inbound_at         timestamptz,
    last_automated_at       timestamptz,
    created_at              timestamptz NOT NULL,
    PRIMARY KEY (business_id, id),
    UNIQUE (business_id, phone)
);
CREATE INDEX conversations_page ON conversations (business_id, last_message_at DESC, id DESC);

CREATE TABLE sms_log (
    business_id      uuid NOT NULL,
    id               uuid NOT NULL,
    version          integer NOT NULL,
    conversation_id  uuid NOT NULL,
    missed_call_id   uuid,
    direction        text NOT NULL,
    author           text NOT NULL,
    user_id          uuid,
    template_type    text NOT NULL,
    our_number       text NOT NULL,
    their_number     text NOT NULL,
    message_body     text NOT NULL,
    media_count      smallint NOT NULL,
    segments         smallint NOT NULL,
    status           text NOT NULL,
    provider_message text,
    error_code       bigint,
    reason           text,
    attempts         smallint NOT NULL,
    created_at       timestamptz NOT NULL,
    sent_at          timestamptz,
    settled_at       timestamptz,
    PRIMARY KEY (business_id, id)
);
CREATE INDEX sms_log_thread ON sms_log (business_id, conversation_id, created_at DESC, id DESC);
CREATE INDEX sms_log_call ON sms_log (business_id, missed_call_id) WHERE missed_call_id IS NOT NULL;
CREATE INDEX sms_log_provider ON sms_log (business_id, provider_message) WHERE provider_message IS NOT NULL;
CREATE INDEX sms_log_sent ON sms_log (business_id, created_at) WHERE direction = 'outbound';
-- When each recipient was first texted, for the limit on new recipients.
CREATE INDEX sms_log_recipient ON sms_log (business_id, their_number, created_at);

CREATE TABLE text_guards (
    business_id uuid NOT NULL,
    phone       text NOT NULL,
    until       timestamptz NOT NULL,
    message_id  uuid NOT NULL,
    PRIMARY KEY (business_id, phone)
);

CREATE TABLE sms_opt_outs (
    business_id      uuid NOT NULL,
    phone_number     text NOT NULL,
    opted_out_at     timestamptz NOT NULL,
    opt_out_keyword  text NOT NULL,
    opted_back_in_at timestamptz,
    PRIMARY KEY (business_id, phone_number)
);

CREATE TABLE consent_ledger (
    business_id uuid NOT NULL,
    seq         bigint NOT NULL,
    bytes       bytea NOT NULL,
    mac         bytea NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (business_id, seq)
);

CREATE TABLE tasks (
    business_id     uuid NOT NULL,
    id              uuid NOT NULL,
    kind            text NOT NULL,
    phone           text,
    call_id         uuid,
    conversation_id uuid,
    message_id      uuid,
    sentence        text NOT NULL,
    raised_at       timestamptz NOT NULL,
    done_at         timestamptz,
    done_by         uuid,
    PRIMARY KEY (business_id, id)
);
CREATE INDEX tasks_page ON tasks (business_id, raised_at, id);
CREATE INDEX tasks_open ON tasks (business_id, raised_at, id) WHERE done_at IS NULL;
CREATE INDEX tasks_call ON tasks (business_id, call_id) WHERE call_id IS NOT NULL;

CREATE TABLE test_calls (
    business_id       uuid NOT NULL,
    id                uuid NOT NULL,
    version           integer NOT NULL,
    we_call           boolean NOT NULL,
    test_phone_number text NOT NULL,
    our_number        text NOT NULL,
    expected_callers  text[] NOT NULL,
    provider_call     text,
    overall_status    text NOT NULL,
    error_code        bigint,
    initiated_at      timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    completed_at      timestamptz,
    PRIMARY KEY (business_id, id)
);
CREATE INDEX test_calls_latest ON test_calls (business_id, initiated_at DESC, id DESC);

CREATE TABLE webhook_receipts (
    business_id uuid NOT NULL,
    key         text NOT NULL,
    reply       text,
    at          timestamptz NOT NULL,
    PRIMARY KEY (business_id, key)
);

CREATE TABLE secrets (
    business_id uuid NOT NULL,
    field       text NOT NULL,
    sealed      text NOT NULL,
    PRIMARY KEY (business_id, field)
);

CREATE TABLE api_responses (
    business_id  uuid NOT NULL,
    key          text NOT NULL,
    request_hash text NOT NULL,
    status       integer NOT NULL,
    body         text NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (business_id, key)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'businesses', 'business_heads', 'missed_calls', 'call_totals', 'feed_events', 'contacts', 'caller_flags',
        'conversations', 'sms_log', 'text_guards', 'sms_opt_outs', 'consent_ledger', 'tasks', 'test_calls',
        'webhook_receipts', 'secrets', 'api_responses']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        -- The setting is read once a statement, not once a row; unset and empty admit nothing. Written so that the
        -- planner takes it for a check that lets nearly every row pass: as a comparison it would count as a second,
        -- independent condition on the business, every estimate would be one row, and the planner would pick indexes
        -- at random.
        EXECUTE format(
            'CREATE POLICY admitted ON %I USING (array_position('
            '(SELECT nullif(current_setting(''mccc.businesses'', true), '''')::uuid[]), business_id) IS NOT NULL)', name);
    END LOOP;
END
$$;

-- ---- installation tables -------------------------------------------------------------------------------------------

CREATE TABLE business_directory (business_id uuid PRIMARY KEY);

CREATE TABLE business_phones (
    number          text PRIMARY KEY,
    business_id     uuid NOT NULL,
    kind            text NOT NULL,
    account         text NOT NULL,
    provider_number text,
    added           bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX business_phones_owner ON business_phones (business_id, added);

CREATE TABLE jobs (
    id          uuid PRIMARY KEY,
    business_id uuid NOT NULL,
    run_at      timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    lease_until timestamptz,
    fence       bigint NOT NULL DEFAULT 0,
    attempt     integer NOT NULL DEFAULT 0,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'canceled', 'dead')),
    kind        text NOT NULL,
    subject     text,
    dedupe      text NOT NULL,
    worker      text,
    reason      text,
    payload     json NOT NULL,
    CHECK ((state = 'running') = (lease_until IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'queued';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs (kind) WHERE state = 'dead';
-- Live work is not queued twice; the leading business also finds what an opt-out cancels.
CREATE UNIQUE INDEX jobs_live ON jobs (business_id, kind, dedupe) WHERE state IN ('queued', 'running');

-- A number is suppressed installation-wide as long as one business holds a row for it.
CREATE TABLE sms_suppression (
    phone_number text NOT NULL,
    business_id  uuid NOT NULL,
    since        timestamptz NOT NULL,
    PRIMARY KEY (phone_number, business_id)
);

CREATE TABLE send_claims (
    message_id  uuid PRIMARY KEY,
    business_id uuid NOT NULL,
    phone       text NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX send_claims_phone ON send_claims (phone);

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    email         text NOT NULL,
    name          text NOT NULL,
    password_hash text,
    created_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE business_users (
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    business_id uuid NOT NULL,
    role        text NOT NULL,
    PRIMARY KEY (user_id, business_id)
);

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    id         uuid NOT NULL,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    one_time   boolean NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
    key_hash    bytea PRIMARY KEY CHECK (length(key_hash) = 32),
    id          uuid NOT NULL UNIQUE,
    business_id uuid NOT NULL,
    name        text NOT NULL,
    role        text NOT NULL,
    created_at  timestamptz NOT NULL,
    revoked_at  timestamptz
);
CREATE INDEX api_keys_owner ON api_keys (business_id, created_at DESC);

-- ---- what the server's role may do with tenant tables --------------------------------------------------------------

GRANT SELECT, INSERT, UPDATE ON
    businesses, business_heads, missed_calls, call_totals, contacts, caller_flags, conversations, sms_log, sms_opt_outs,
    tasks, test_calls, secrets
    TO {role};
GRANT SELECT, INSERT ON feed_events, consent_ledger, webhook_receipts TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON text_guards TO {role};
GRANT SELECT, INSERT, DELETE ON api_responses TO {role};
