-- What the server's role runs with its own rights, under the policies. All of it is plpgsql, which keeps its plans for
-- the life of a connection; arrays run in parallel, one entry a row.

-- Names the business of a one-statement transaction. A query takes the business from here, so that nothing is read
-- before the policies know it.
CREATE FUNCTION admit(p_business uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('mccc.businesses', ARRAY[p_business]::text, true);
    RETURN p_business;
END
$$;

-- The same for several businesses.
CREATE FUNCTION admit_all(p_businesses uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('mccc.businesses', p_businesses::text, true);
    RETURN QUERY SELECT DISTINCT b FROM unnest(p_businesses) b;
END
$$;

-- Opens a commit: names its business, then takes the locks in the one order, numbers ascending before the business.
CREATE FUNCTION begin_commit(p_business uuid, p_numbers bigint[])
RETURNS TABLE (settings_version bigint, feed_position bigint, ledger_length bigint, ledger_head bytea)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_number bigint;
BEGIN
    PERFORM set_config('mccc.businesses', ARRAY[p_business]::text, true);
    FOREACH v_number IN ARRAY p_numbers LOOP
        PERFORM pg_advisory_xact_lock(v_number);
    END LOOP;
    RETURN QUERY
        SELECT h.settings_version, h.feed_position, h.ledger_length, h.ledger_head
        FROM business_heads h WHERE h.business_id = p_business FOR UPDATE;
END
$$;

-- New calls. The caller has made sure under the business's lock that they are new.
CREATE FUNCTION insert_calls(
    p_business uuid[], p_id uuid[], p_version integer[], p_received_at timestamptz[], p_local_day date[],
    p_settings_version bigint[], p_responded_at timestamptz[], p_ended_at timestamptz[], p_read_at timestamptz[],
    p_callback_completed_at timestamptz[], p_conversation_id uuid[], p_duration integer[], p_recording integer[],
    p_recovered boolean[], p_is_test boolean[], p_attention boolean[], p_provider_call text[], p_caller_status text[],
    p_caller text[], p_caller_name text[], p_dialled text[], p_forwarded_from text[], p_scheduled text[],
    p_method text[], p_variant text[], p_state text[], p_outcome text[], p_text text[], p_provider_recording text[],
    p_tags text[], p_rule text[], p_reply text[], p_trace text[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO missed_calls (
        business_id, id, version, received_at, local_day, settings_version, responded_at, ended_at, read_at,
        callback_completed_at, conversation_id, call_duration_seconds, recording_duration_seconds, recovered,
        is_test, needs_attention, provider_call, caller_id_status, caller_phone, caller_name, dialled_number,
        forwarded_from, scheduled_method, routing_method, variant, state, outcome, text_status, provider_recording,
        tags, rule, reply, trace)
    SELECT c.business_id, c.id, c.version, c.received_at, c.local_day, c.settings_version, c.responded_at, c.ended_at,
        c.read_at, c.callback_completed_at, c.conversation_id, c.duration, c.recording, c.recovered, c.is_test,
        c.attention, c.provider_call, c.caller_status, c.caller, c.caller_name, c.dialled, c.forwarded_from,
        c.scheduled, c.method, c.variant, c.state, c.outcome, c.text_status, c.provider_recording,
        CASE WHEN c.tags IS NULL THEN '{}' ELSE ARRAY(SELECT json_array_elements_text(c.tags::json)) END,
        c.rule::json, c.reply::json, c.trace::json
    FROM unnest(
        p_business, p_id, p_version, p_received_at, p_local_day, p_settings_version, p_responded_at, p_ended_at,
        p_read_at, p_callback_completed_at, p_conversation_id, p_duration, p_recording, p_recovered, p_is_test,
        p_attention, p_provider_call, p_caller_status, p_caller, p_caller_name, p_dialled, p_forwarded_from,
        p_scheduled, p_method, p_variant, p_state, p_outcome, p_text, p_provider_recording, p_tags, p_rule, p_reply,
        p_trace) AS c(
        business_id, id, version, received_at, local_day, settings_version, responded_at, ended_at, read_at,
        callback_completed_at, conversation_id, duration, recording, recovered, is_test, attention, provider_call,
        caller_status, caller, caller_name, dialled, forwarded_from, scheduled, method, variant, state, outcome,
        text_status, provider_recording, tags, rule, reply, trace);
END
$$;

-- Sums follow each written call, one entry a call; the lock on the business's head leaves no race for the day's first.
CREATE FUNCTION add_totals(
    p_business uuid[], p_day date[], p_place integer[], p_calls bigint[], p_recovered bigint[], p_responded bigint[],
    p_response_ms bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_place integer;
BEGIN
    FOR i IN 1 .. cardinality(p_place) LOOP
        v_place := p_place[i];
        CONTINUE WHEN v_place IS NULL;
        UPDATE call_totals t SET
            counts[v_place] = t.counts[v_place] + p_calls[i],
            counts[80 + v_place] = t.counts[80 + v_place] + p_recovered[i],
            counts[160 + v_place] = t.counts[160 + v_place] + p_responded[i],
            response_ms[v_place] = t.response_ms[v_place] + p_response_ms[i]
        WHERE t.business_id = p_business[i] AND t.local_day = p_day[i];
        IF NOT FOUND THEN
            INSERT INTO call_totals AS t (business_id, local_day, counts, response_ms)
            VALUES (p_business[i], p_day[i], array_fill(0, ARRAY[240]), array_fill(0::bigint, ARRAY[80]));
            UPDATE call_totals t SET
                counts[v_place] = p_calls[i],
                counts[80 + v_place] = p_recovered[i],
                counts[160 + v_place] = p_responded[i],
                response_ms[v_place] = p_response_ms[i]
            WHERE t.business_id = p_business[i] AND t.local_day = p_day[i];
        END IF;
    END LOOP;
END
$$;

-- Appends to the feeds of businesses whose heads are locked; returns each entry's position.
CREATE FUNCTION append_feed(
    p_business uuid[], p_at timestamptz[], p_kind text[], p_call uuid[], p_conversation uuid[], p_message uuid[],
    p_data text[]) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_positions bigint[];
BEGIN
    WITH event AS MATERIALIZED (
        SELECT e.*, row_number() OVER (PARTITION BY e.business_id ORDER BY e.ord) AS step
        FROM unnest(p_business, p_at, p_kind, p_call, p_conversation, p_message, p_data) WITH ORDINALITY
            AS e(business_id, at, kind, call_id, conversation_id, message_id, data, ord)
    ), moved AS (
        UPDATE business_heads h SET feed_position = h.feed_position + n.entries
        FROM (SELECT business_id, count(*) AS entries FROM event GROUP BY business_id) n
        WHERE h.business_id = n.business_id
        RETURNING h.business_id, h.feed_position - n.entries AS base
    ), placed AS MATERIALIZED (
        SELECT event.*, moved.base + event.step AS seq FROM event JOIN moved USING (business_id)
    ), fed AS (
        INSERT INTO feed_events (business_id, seq, at, kind, call_id, conversation_id, message_id, data)
        SELECT business_id, seq, at, kind, call_id, conversation_id, message_id, data::json FROM placed
    )
    SELECT array_agg(seq ORDER BY ord) INTO v_positions FROM placed;
    RETURN coalesce(v_positions, '{}');
END
$$;

-- Intake of calls that wait at the same moment: one statement and so one flush for all. Verdicts, one a call: 0 fits,
-- 1 was processed before, 2 the settings have changed, 3 the caller's flags have changed. Unless all fit nothing is
-- written, and whoever asked leaves out those that do not. -1 in place of a version means that it is not guarded.
CREATE FUNCTION intake(
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

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
