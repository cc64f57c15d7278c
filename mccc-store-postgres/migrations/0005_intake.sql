-- Sums follow the written calls, set by set instead of call by call: a statement for each call would read the policies'
-- setting, which names every business of the group, once a call.
--
-- The lock on each business's head leaves no race for the day's first row. Calls of one business and day that share a
-- place are summed before they are written; those at several places are written one place after the other, because one
-- statement changes a row once.
CREATE FUNCTION first_counts(p_place integer, p_calls bigint, p_recovered bigint, p_responded bigint)
RETURNS integer[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_counts integer[] := array_fill(0, ARRAY[240]);
BEGIN
    v_counts[p_place] := p_calls;
    v_counts[80 + p_place] := p_recovered;
    v_counts[160 + p_place] := p_responded;
    RETURN v_counts;
END
$$;

CREATE FUNCTION first_sum(p_place integer, p_response_ms bigint) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_sums bigint[] := array_fill(0::bigint, ARRAY[80]);
BEGIN
    v_sums[p_place] := p_response_ms;
    RETURN v_sums;
END
$$;

CREATE OR REPLACE FUNCTION add_totals(
    p_business uuid[], p_day date[], p_place integer[], p_calls bigint[], p_recovered bigint[], p_responded bigint[],
    p_response_ms bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_step integer := 1;
    v_steps bigint;
BEGIN
    LOOP
        WITH step AS MATERIALIZED (
            SELECT c.business_id, c.day, c.place, sum(c.calls)::bigint AS calls, sum(c.recovered)::bigint AS recovered,
                sum(c.responded)::bigint AS responded, sum(c.response_ms)::bigint AS response_ms,
                row_number() OVER (PARTITION BY c.business_id, c.day ORDER BY c.place) AS number
            FROM unnest(p_business, p_day, p_place, p_calls, p_recovered, p_responded, p_response_ms)
                AS c(business_id, day, place, calls, recovered, responded, response_ms)
            WHERE c.place IS NOT NULL
            GROUP BY c.business_id, c.day, c.place
        ), moved AS (
            UPDATE call_totals t SET
                counts[s.place] = t.counts[s.place] + s.calls,
                counts[80 + s.place] = t.counts[80 + s.place] + s.recovered,
                counts[160 + s.place] = t.counts[160 + s.place] + s.responded,
                response_ms[s.place] = t.response_ms[s.place] + s.response_ms
            FROM step s
            WHERE s.number = v_step AND t.business_id = s.business_id AND t.local_day = s.day
            RETURNING t.business_id, t.local_day
        ), fresh AS (
            -- The first sums of a day: the row does not exist yet.
            INSERT INTO call_totals AS t (business_id, local_day, counts, response_ms)
            SELECT s.business_id, s.day, first_counts(s.place, s.calls, s.recovered, s.responded),
                first_sum(s.place, s.response_ms)
            FROM step s
            WHERE s.number = v_step AND (s.business_id, s.day) NOT IN (SELECT business_id, local_day FROM moved)
        )
        SELECT max(number) INTO v_steps FROM step;
        EXIT WHEN v_step >= coalesce(v_steps, 0);
        v_step := v_step + 1;
    END LOOP;
END
$$;

-- Intake as before, but its transaction does not wait for the disk: whoever asked waits for a later flush before it
-- promises anything, and the next group begins meanwhile.
CREATE OR REPLACE FUNCTION intake(
    p_business uuid[], p_id uuid[], p_version integer[], p_received_at timestamptz[], p_local_day date[],
    p_settings_version bigint[], p_responded_at timestamptz[], p_ended_at timestamptz[], p_read_at timestamptz[],
    p_callback_completed_at timestamptz[], p_conversation_id uuid[], p_duration integer[], p_recording integer[],
    p_recovered boolean[], p_is_test boolean[], p_attention boolean[], p_provider_call text[], p_caller_status text[],
    p_caller text[], p_caller_name text[], p_dialled text[], p_forwarded_from text[], p_scheduled text[],
    p_method text[], p_variant text[], p_state text[], p_outcome text[], p_text text[], p_provider_recording text[],
    p_tags text[], p_rule text[], p_reply text[], p_trace text[],
    g_settings bigint[], g_phone text[], g_flags integer[],
    t_place integer[], t_calls bigint[], t_recovered bigint[], t_responded bigint[], t_response_ms bigint[],
    e_business uuid[], e_at timestamptz[], e_kind text[], e_call uuid[], e_conversation uuid[], e_message uuid[],
    e_data text[],
    j_business uuid[], j_id uuid[], j_kind text[], j_subject text[], j_payload text[], j_run_at timestamptz[],
    j_dedupe text[],
    OUT verdicts integer[], OUT stored_ids uuid[], OUT stored_replies text[], OUT positions bigint[])
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM set_config('mccc.businesses', (SELECT array_agg(DISTINCT b)::text FROM unnest(p_business) b), true);
    PERFORM FROM business_heads WHERE business_id = ANY (p_business) ORDER BY business_id FOR UPDATE;
    -- A statement of its own: it sees what was committed while the locks were waited for.
    SELECT array_agg(m.verdict ORDER BY m.ord), array_agg(m.id ORDER BY m.ord), array_agg(m.reply ORDER BY m.ord)
    INTO verdicts, stored_ids, stored_replies
    FROM (
        SELECT m.ord, c.id, c.reply::text AS reply, CASE
            WHEN c.id IS NOT NULL THEN 1
            WHEN h.business_id IS NULL OR (m.settings >= 0 AND h.settings_version <> m.settings) THEN 2
            WHEN m.flags >= 0 AND coalesce(f.version, 0) <> m.flags THEN 3
            ELSE 0 END AS verdict
        FROM unnest(p_business, p_provider_call, g_settings, g_phone, g_flags) WITH ORDINALITY
            AS m(business_id, provider_call, settings, phone, flags, ord)
        LEFT JOIN business_heads h ON h.business_id = m.business_id
        LEFT JOIN missed_calls c ON c.business_id = m.business_id AND c.provider_call = m.provider_call
        LEFT JOIN caller_flags f ON f.business_id = m.business_id AND f.phone = m.phone) m;
    IF NOT (0 = ALL (verdicts)) THEN
        RETURN;
    END IF;
    PERFORM insert_calls(
        p_business, p_id, p_version, p_received_at, p_local_day, p_settings_version, p_responded_at, p_ended_at,
        p_read_at, p_callback_completed_at, p_conversation_id, p_duration, p_recording, p_recovered, p_is_test,
        p_attention, p_provider_call, p_caller_status, p_caller, p_caller_name, p_dialled, p_forwarded_from,
        p_scheduled, p_method, p_variant, p_state, p_outcome, p_text, p_provider_recording, p_tags, p_rule, p_reply,
        p_trace);
    PERFORM add_totals(p_business, p_local_day, t_place, t_calls, t_recovered, t_responded, t_response_ms);
    positions := append_feed(e_business, e_at, e_kind, e_call, e_conversation, e_message, e_data);
    IF cardinality(j_id) > 0 THEN
        PERFORM enqueue_jobs(j_business, j_id, j_kind, j_subject, j_payload, j_run_at, j_dedupe);
    END IF;
END
$$;

-- A commit of its own, the same: its locks are free while it waits for the shared flush.
CREATE OR REPLACE FUNCTION begin_commit(p_business uuid, p_numbers bigint[])
RETURNS TABLE (settings_version bigint, feed_position bigint, ledger_length bigint, ledger_head bytea)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_number bigint;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM set_config('mccc.businesses', ARRAY[p_business]::text, true);
    FOREACH v_number IN ARRAY p_numbers LOOP
        PERFORM pg_advisory_xact_lock(v_number);
    END LOOP;
    RETURN QUERY
        SELECT h.settings_version, h.feed_position, h.ledger_length, h.ledger_head
        FROM business_heads h WHERE h.business_id = p_business FOR UPDATE;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
