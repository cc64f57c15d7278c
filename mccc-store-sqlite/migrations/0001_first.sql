-- Ids are 16-byte blobs, instants whole microseconds UTC, documents JSON text, yes/no 0 or 1.
-- business_id leads every key of tenant data.

-- One short row per business. Everything that every commit touches is here and nothing else, so that the row stays
-- small: the settings document lives beside it.
CREATE TABLE businesses (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    settings_version INTEGER NOT NULL,
    feed_seq         INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE business_settings (
    business_id BLOB    NOT NULL PRIMARY KEY REFERENCES businesses (id),
    settings    TEXT    NOT NULL CHECK (json_valid(settings)),
    saved_at    INTEGER NOT NULL
) STRICT;

-- Numbers of ours. A number has one owner in the whole installation.
CREATE TABLE business_phones (
    position        INTEGER PRIMARY KEY,
    business_id     BLOB NOT NULL REFERENCES businesses (id),
    number          TEXT NOT NULL UNIQUE CHECK (number GLOB '+[1-9]*'),
    kind            TEXT NOT NULL,
    account         TEXT NOT NULL,
    provider_number TEXT
) STRICT;
CREATE INDEX business_phones_by_business ON business_phones (business_id, position);

CREATE TABLE business_secrets (
    business_id BLOB NOT NULL REFERENCES businesses (id),
    field       TEXT NOT NULL,
    sealed      TEXT NOT NULL,
    PRIMARY KEY (business_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE missed_calls (
    id                         BLOB    NOT NULL CHECK (length(id) = 16),
    business_id                BLOB    NOT NULL REFERENCES businesses (id),
    version                    INTEGER NOT NULL,
    provider_call              TEXT    NOT NULL,
    caller_id_status           TEXT    NOT NULL CHECK (caller_id_status IN ('present', 'anonymous', 'restricted', 'invalid')),
    caller_phone               TEXT    CHECK (caller_phone GLOB '+[1-9]*'),
    caller_name                TEXT,
    dialled                    TEXT    NOT NULL,
    forwarded_from             TEXT,
    scheduled_method           TEXT    NOT NULL,
    routing_method             TEXT    NOT NULL,
    variant                    TEXT    NOT NULL,
    rule                       TEXT    NOT NULL,
    settings_version           INTEGER NOT NULL,
    trace                      TEXT    NOT NULL,
    reply                      TEXT    NOT NULL,
    state                      TEXT    NOT NULL,
    outcome                    TEXT    NOT NULL,
    recovered                  INTEGER NOT NULL,
    is_test                    INTEGER NOT NULL,
    tags                       TEXT    NOT NULL,
    received_at                INTEGER NOT NULL,
    local_day                  TEXT    NOT NULL,
    responded_at               INTEGER,
    ended_at                   INTEGER,
    call_duration_seconds      INTEGER CHECK (call_duration_seconds >= 0),
    provider_recording         TEXT,
    recording_duration_seconds INTEGER CHECK (recording_duration_seconds >= 0),
    auto_text                  TEXT    NOT NULL,
    conversation_id            BLOB,
    needs_attention            INTEGER NOT NULL,
    read_at                    INTEGER,
    callback_completed_at      INTEGER,
    PRIMARY KEY (business_id, id),
    UNIQUE (business_id, provider_call),
    CHECK ((caller_id_status = 'present') = (caller_phone IS NOT NULL))
) STRICT;
CREATE INDEX missed_calls_newest ON missed_calls (business_id, received_at, id);
CREATE INDEX missed_calls_by_caller ON missed_calls (business_id, caller_phone, received_at) WHERE caller_phone IS NOT NULL;
CREATE INDEX missed_calls_attention ON missed_calls (business_id, received_at, id) WHERE needs_attention = 1;

-- Sums over calls, tests left out; kept by the same transaction that writes the call.
CREATE TABLE call_totals (
    business_id BLOB    NOT NULL REFERENCES businesses (id),
    local_day   TEXT    NOT NULL,
    method      TEXT    NOT NULL,
    outcome     TEXT    NOT NULL,
    calls       INTEGER NOT NULL,
    recovered   INTEGER NOT NULL,
    responded   INTEGER NOT NULL,
    response_ms INTEGER NOT NULL,
    PRIMARY KEY (business_id, local_day, method, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts (
    business_id     BLOB    NOT NULL REFERENCES businesses (id),
    phone           TEXT    NOT NULL,
    name            TEXT,
    line_type       TEXT,
    line_learned_at INTEGER,
    created_at      INTEGER NOT NULL,
    last_seen_at    INTEGER NOT NULL,
    PRIMARY KEY (business_id, phone)
) STRICT, WITHOUT ROWID;

CREATE TABLE caller_flags (
    business_id     BLOB    NOT NULL REFERENCES businesses (id),
    phone           TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    blocked         INTEGER NOT NULL,
    spam            INTEGER NOT NULL,
    no_auto_text    INTEGER NOT NULL,
    emergency_until INTEGER,
    test_until      INTEGER,
    PRIMARY KEY (business_id, phone)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
    id                      BLOB    NOT NULL CHECK (length(id) = 16),
    business_id             BLOB    NOT NULL REFERENCES businesses (id),
    phone                   TEXT    NOT NULL,
    version                 INTEGER NOT NULL,
    state                   TEXT    NOT NULL,
    taken_by                BLOB,
    last_call_id            BLOB,
    unread                  INTEGER NOT NULL,
    preview                 TEXT    NOT NULL,
    last_message_at         INTEGER NOT NULL,
    last_inbound_at         INTEGER,
    last_automated_at       INTEGER,
    automated_since_inbound INTEGER NOT NULL,
    outcome                 TEXT    NOT NULL,
    created_at              INTEGER NOT NULL,
    PRIMARY KEY (business_id, id),
    UNIQUE (business_id, phone)
) STRICT;
CREATE INDEX conversations_latest ON conversations (business_id, last_message_at, id);

CREATE TABLE sms_log (
    id                 BLOB    NOT NULL CHECK (length(id) = 16),
    business_id        BLOB    NOT NULL REFERENCES businesses (id),
    version            INTEGER NOT NULL,
    conversation_id    BLOB    NOT NULL,
    missed_call_id     BLOB,
    direction          TEXT    NOT NULL,
    author             TEXT    NOT NULL,
    user_id            BLOB,
    template_type      TEXT    NOT NULL,
    our_number         TEXT    NOT NULL,
    their_number       TEXT    NOT NULL,
    message_body       TEXT    NOT NULL,
    media_count        INTEGER NOT NULL,
    segments           INTEGER NOT NULL,
    status             TEXT    NOT NULL,
    provider_message   TEXT,
    error_code         INTEGER,
    error_message      TEXT,
    attempts           INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    sent_at            INTEGER,
    settled_at         INTEGER,
    PRIMARY KEY (business_id, id)
) STRICT;
CREATE INDEX sms_log_by_thread ON sms_log (business_id, conversation_id, created_at, id);
CREATE INDEX sms_log_by_caller ON sms_log (business_id, their_number, created_at);
CREATE INDEX sms_log_newest ON sms_log (business_id, created_at);
CREATE INDEX sms_log_by_call ON sms_log (business_id, missed_call_id) WHERE missed_call_id IS NOT NULL;
CREATE INDEX sms_log_by_provider ON sms_log (business_id, provider_message) WHERE provider_message IS NOT NULL;

CREATE TABLE sms_opt_outs (
    business_id      BLOB    NOT NULL REFERENCES businesses (id),
    phone_number     TEXT    NOT NULL,
    opted_out_at     INTEGER NOT NULL,
    opt_out_keyword  TEXT    NOT NULL,
    opted_back_in_at INTEGER,
    PRIMARY KEY (business_id, phone_number)
) STRICT, WITHOUT ROWID;
-- An opt-in asks whether any other business still has an active opt-out for the number.
CREATE INDEX sms_opt_outs_active ON sms_opt_outs (phone_number) WHERE opted_back_in_at IS NULL;

-- Installation-wide: a number here gets no text from any business.
CREATE TABLE sms_suppressions (
    phone_number  TEXT    NOT NULL PRIMARY KEY,
    suppressed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rights to hand one message to the gateway, counted installation-wide by number.
CREATE TABLE sms_claims (
    message_id   BLOB    NOT NULL PRIMARY KEY,
    business_id  BLOB    NOT NULL REFERENCES businesses (id),
    phone_number TEXT    NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sms_claims_by_number ON sms_claims (phone_number);

-- One auto-text per caller and window.
CREATE TABLE sms_guards (
    business_id  BLOB    NOT NULL REFERENCES businesses (id),
    phone_number TEXT    NOT NULL,
    until        INTEGER NOT NULL,
    message_id   BLOB    NOT NULL,
    PRIMARY KEY (business_id, phone_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
    id              BLOB    NOT NULL CHECK (length(id) = 16),
    business_id     BLOB    NOT NULL REFERENCES businesses (id),
    kind            TEXT    NOT NULL,
    phone           TEXT,
    call_id         BLOB,
    conversation_id BLOB,
    message_id      BLOB,
    sentence        TEXT    NOT NULL,
    raised_at       INTEGER NOT NULL,
    done_at         INTEGER,
    done_by         BLOB,
    PRIMARY KEY (business_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_oldest ON tasks (business_id, raised_at, id);
CREATE INDEX tasks_open ON tasks (business_id, raised_at, id) WHERE done_at IS NULL;
CREATE INDEX tasks_by_call ON tasks (business_id, call_id) WHERE call_id IS NOT NULL;

CREATE TABLE test_calls (
    id               BLOB    NOT NULL CHECK (length(id) = 16),
    business_id      BLOB    NOT NULL REFERENCES businesses (id),
    version          INTEGER NOT NULL,
    we_call          INTEGER NOT NULL,
    business_phone   TEXT    NOT NULL,
    our_number       TEXT    NOT NULL,
    expected_callers TEXT    NOT NULL,
    provider_call    TEXT,
    overall_status   TEXT    NOT NULL,
    error_code       INTEGER,
    initiated_at     INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    completed_at     INTEGER,
    PRIMARY KEY (business_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX test_calls_newest ON test_calls (business_id, initiated_at, id);

-- Positions are given under the business's row and become visible in order.
CREATE TABLE feed_events (
    business_id     BLOB    NOT NULL REFERENCES businesses (id),
    seq             INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    call_id         BLOB,
    conversation_id BLOB,
    message_id      BLOB,
    data            TEXT    NOT NULL,
    PRIMARY KEY (business_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_events_by_call ON feed_events (business_id, call_id) WHERE call_id IS NOT NULL;

CREATE TABLE jobs (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    business_id BLOB    NOT NULL REFERENCES businesses (id),
    kind        TEXT    NOT NULL,
    subject     TEXT,
    payload     TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'done', 'canceled', 'dead')),
    run_at      INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    attempt     INTEGER NOT NULL DEFAULT 0,
    fence       INTEGER NOT NULL DEFAULT 0,
    dedupe      TEXT    NOT NULL,
    worker      TEXT,
    lease_until INTEGER,
    reason      TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'queued';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
CREATE UNIQUE INDEX jobs_live ON jobs (business_id, kind, dedupe) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_by_subject ON jobs (business_id, subject) WHERE state = 'queued' AND subject IS NOT NULL;
CREATE INDEX jobs_dead ON jobs (kind) WHERE state = 'dead';

CREATE TABLE webhook_receipts (
    business_id BLOB    NOT NULL REFERENCES businesses (id),
    key         TEXT    NOT NULL,
    reply       TEXT,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (business_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE consent_ledger (
    business_id BLOB    NOT NULL REFERENCES businesses (id),
    seq         INTEGER NOT NULL,
    bytes       BLOB    NOT NULL,
    mac         BLOB    NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (business_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    password_hash TEXT,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE business_users (
    user_id     BLOB NOT NULL,
    business_id BLOB NOT NULL,
    role        TEXT NOT NULL,
    PRIMARY KEY (user_id, business_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    id         BLOB    NOT NULL,
    user_id    BLOB    NOT NULL,
    one_time   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
    key_hash    BLOB    NOT NULL PRIMARY KEY CHECK (length(key_hash) = 32),
    id          BLOB    NOT NULL,
    business_id BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_business ON api_keys (business_id, created_at, id);

CREATE TABLE api_responses (
    business_id  BLOB    NOT NULL,
    key          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (business_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_responses_age ON api_responses (at);
