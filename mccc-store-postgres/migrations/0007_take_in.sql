-- Intake again, with less work for the database: rows come as arrays of composite values instead of an array a column,
-- what can be summed and counted beforehand is, and the heads of the businesses are locked and moved by one statement.
--
-- The functions it replaces stay for servers that still run while the schema is brought up to date.

-- A call as it is stored, a field a column.
CREATE TYPE new_call AS (
    business_id                uuid,
    id                         uuid,
    version                    integer,
    received_at                timestamptz,
    local_day                  date,
    settings_version           bigint,
    responded_at               timestamptz,
    ended_at                   timestamptz,
    read_at                    timestamptz,
    callback_completed_at      timestamptz,
    conversation_id            uuid,
    call_duration_seconds      integer,
    recording_duration_seconds integer,
    recovered                  boolean,
    is_test                    boolean,
    needs_attention            boolean,
    provider_call              text,
    caller_id_status           text,
    caller_phone               text,
    caller_name                text,
    dialled_number             text,
    forwarded_from             text,
    scheduled_method           text,
    routing_method             text,
    variant                    text,
    state                      text,
    outcome                    text,
    text_status                text,
    provider_recording         text,
    tags                       text[],
    rule                       json,
    reply                      json,
    trace                      json
);

-- What a call of a group asks for: the place of its business among the heads, from 1; its settings' version, or -1; its
-- caller, and the version of the caller's flags, or -1.
CREATE TYPE call_guard AS (head integer, settings bigint, phone text, flags integer);

-- What calls of one business, day and place add. Those of one business and day have ascending steps from 1, because one
-- statement changes a row once.
CREATE TYPE new_sum AS (
    step integer, business_id uuid, local_day date, place integer, calls bigint, recovered bigint, responded bigint,
    response_ms bigint
);

-- An entry of a feed: the place of its business among the heads, and its own among the entries of that business, from 1.
CREATE TYPE new_event AS (
    head integer, step integer, at timestamptz, call_id uuid, conversation_id uuid, message_id uuid, kind text, data json
);

-- A job of the business at a place among the heads.
CREATE TYPE new_job AS (
    head integer, id uuid, run_at timestamptz, kind text, subject text, dedupe text, payload json
);

CREATE FUNCTION insert_calls(p_calls new_call[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO missed_calls (
        business_id, id, version, received_at, local_day, settings_version, responded_at, ended_at, read_at,
        callback_completed_at, conversation_id, call_duration_seconds, recording_duration_seconds, recovered,
        is_test, needs_attention, provider_call, caller_id_status, caller_phone, caller_name, dialled_number,
        forwarded_from, scheduled_method, routing_method, variant, state, outcome, text_status, provider_recording,
        tags, rule, reply, trace)
    SELECT * FROM unnest(p_calls);
END
$$;

-- Adds sums that were made beforehand; `p_rows` holds how many there are of each step. The locks on the heads leave no
-- race for a day's first row.
CREATE FUNCTION add_sums(p_sums new_sum[], p_rows bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_changed bigint;
BEGIN
    FOR v_step IN 1 .. cardinality(p_rows) LOOP
        UPDATE call_totals t SET
            counts[s.place] = t.counts[s.place] + s.calls,
            counts[80 + s.place] = t.counts[80 + s.place] + s.recovered,
            counts[160 + s.place] = t.counts[160 + s.place] + s.responded,
            response_ms[s.place] = t.response_ms[s.place] + s.response_ms
        FROM unnest(p_sums) s
        WHERE s.step = v_step AND t.business_id = s.business_id AND t.local_day = s.local_day;
        GET DIAGNOSTICS v_changed = ROW_COUNT;
        CONTINUE WHEN v_changed = p_rows[v_step];
        INSERT INTO call_totals (business_id, local_day, counts, response_ms)
        SELECT s.business_id, s.local_day, first_counts(s.place, s.calls, s.recovered, s.responded),
            first_sum(s.place, s.response_ms)
        FROM unnest(p_sums) s
        WHERE s.step = v_step AND NOT EXISTS (
            SELECT FROM call_totals t WHERE t.business_id = s.business_id AND t.local_day = s.local_day);
    END LOOP;
END
$$;

-- Jobs of calls that are new, and so new themselves; `p_careful` passes over those that are live all the same.
CREATE FUNCTION enqueue_new_jobs(p_heads uuid[], p_jobs new_job[], p_careful boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    -- The transaction names these businesses and no others: nothing has to be taken apart and looked for.
    IF p_heads::text IS DISTINCT FROM current_setting('mccc.businesses', true) THEN
        PERFORM require_admitted(p_heads);
    END IF;
    IF p_careful THEN
        INSERT INTO jobs (id, business_id, run_at, due_at, kind, subject, dedupe, payload)
        SELECT j.id, p_heads[j.head], j.run_at, j.run_at, j.kind, j.subject, j.dedupe, j.payload
        FROM unnest(p_jobs) j
        ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO jobs (id, business_id, run_at, due_at, kind, subject, dedupe, payload)
        SELECT j.id, p_heads[j.head], j.run_at, j.run_at, j.kind, j.subject, j.dedupe, j.payload
        FROM unnest(p_jobs) j;
    END IF;
END
$$;

-- Takes in calls that wait at the same moment: one statement, whose transaction does not wait for the disk; whoever
-- asked waits for a later flush before it promises anything.
--
-- `p_heads` names the businesses, ascending and each once, `p_entries` how many entries the feed of each gets, and the
-- answer `bases` the position that each feed had. All calls are applied, or none: then `verdicts` says of each why not.
-- 0 fits, 1 was processed before, 2 the settings have changed, 3 the caller's flags have changed; whoever asked leaves
-- out those that do not fit.
--
-- The first attempt takes for granted that all fit; unique keys and versions prove it wrong. Only then are the calls
-- looked at one by one. The settings keep the heads in the order in which they are named, so that two groups that wait
-- for each other's businesses cannot both hold one.
CREATE FUNCTION take_in(
    p_heads uuid[], p_entries bigint[], p_guards call_guard[], p_calls new_call[], p_sums new_sum[],
    p_sum_rows bigint[], p_events new_event[], p_jobs new_job[],
    OUT bases bigint[], OUT verdicts integer[], OUT stored_ids uuid[], OUT stored_replies text[])
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_careful boolean;
    v_settings bigint[];
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true), set_config('mccc.businesses', p_heads::text, true);
    FOREACH v_careful IN ARRAY ARRAY[false, true] LOOP
        IF v_careful THEN
            PERFORM FROM business_heads WHERE business_id = ANY (p_heads) ORDER BY business_id FOR UPDATE;
            -- A statement of its own: it sees what was committed while the locks were waited for.
            SELECT array_agg(m.verdict ORDER BY m.ord), array_agg(m.id ORDER BY m.ord), array_agg(m.reply ORDER BY m.ord)
            INTO verdicts, stored_ids, stored_replies
            FROM (
                SELECT g.ord, c.id, c.reply::text AS reply, CASE
                    WHEN c.id IS NOT NULL THEN 1
                    WHEN h.business_id IS NULL OR (g.settings >= 0 AND h.settings_version <> g.settings) THEN 2
                    WHEN g.flags >= 0 AND coalesce(f.version, 0) <> g.flags THEN 3
                    ELSE 0 END AS verdict
                FROM ROWS FROM (unnest(p_guards), unnest(p_calls)) WITH ORDINALITY AS g(
                        head, settings, phone, flags, business_id, id, version, received_at, local_day,
                        settings_version, responded_at, ended_at, read_at, callback_completed_at, conversation_id,
                        call_duration_seconds, recording_duration_seconds, recovered, is_test, needs_attention,
                        provider_call, caller_id_status, caller_phone, caller_name, dialled_number, forwarded_from,
                        scheduled_method, routing_method, variant, state, outcome, text_status, provider_recording,
                        tags, rule, reply, trace, ord)
                LEFT JOIN business_heads h ON h.business_id = g.business_id
                LEFT JOIN missed_calls c ON c.business_id = g.business_id AND c.provider_call = g.provider_call
                LEFT JOIN caller_flags f ON f.business_id = g.business_id AND f.phone = g.phone) m;
            IF NOT (0 = ALL (verdicts)) THEN
                RETURN;
            END IF;
        END IF;
        BEGIN
            WITH moved AS (
                UPDATE business_heads h SET feed_position = h.feed_position + n.entries
                FROM unnest(p_heads, p_entries) WITH ORDINALITY AS n(business_id, entries, ord)
                WHERE h.business_id = n.business_id
                RETURNING n.ord, h.settings_version, h.feed_position - n.entries AS base
            )
            SELECT array_agg(settings_version ORDER BY ord), array_agg(base ORDER BY ord) INTO v_settings, bases
            FROM moved;
            IF cardinality(v_settings) IS DISTINCT FROM cardinality(p_heads) OR EXISTS (
                SELECT FROM unnest(p_guards) g
                LEFT JOIN caller_flags f ON f.business_id = p_heads[g.head] AND f.phone = g.phone
                WHERE (g.settings >= 0 AND v_settings[g.head] <> g.settings)
                    OR (g.flags >= 0 AND coalesce(f.version, 0) <> g.flags))
            THEN
                RAISE SQLSTATE 'MC001' USING MESSAGE = 'a call does not fit';
            END IF;
            PERFORM insert_calls(p_calls);
            PERFORM add_sums(p_sums, p_sum_rows);
            INSERT INTO feed_events (business_id, seq, at, kind, call_id, conversation_id, message_id, data)
            SELECT p_heads[e.head], bases[e.head] + e.step, e.at, e.kind, e.call_id, e.conversation_id, e.message_id, e.data
            FROM unnest(p_events) e;
            IF cardinality(p_jobs) > 0 THEN
                PERFORM enqueue_new_jobs(p_heads, p_jobs, v_careful);
            END IF;
            RETURN;
        EXCEPTION WHEN unique_violation OR SQLSTATE 'MC001' THEN
            IF v_careful THEN
                RAISE;
            END IF;
        END;
    END LOOP;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
