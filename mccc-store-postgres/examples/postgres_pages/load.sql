-- Years of calls, in the order in which they came in, made of one that the product has stored. Settings of the session:
-- bench.calls, how many in all; bench.typical, how many of the typical business.
--
-- One call in five is of the large business, exactly bench.typical are of the typical one, the others are spread over
-- the rest. Indexes are made afterwards, which is many times faster. OFFSET 0 keeps a subquery from being computed once
-- for each mention.

CREATE TEMP TABLE members AS
    SELECT row_number() OVER (ORDER BY business_id) - 1 AS number, business_id FROM business_directory;
CREATE UNIQUE INDEX ON members (number);
ANALYZE members;

CREATE TEMP TABLE template AS SELECT * FROM missed_calls LIMIT 1;
DELETE FROM missed_calls;
DELETE FROM call_totals;

CREATE TEMP TABLE indexes AS
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index WHERE indrelid = 'missed_calls'::regclass AND NOT indisprimary;
DO $$
DECLARE
    v_name text;
BEGIN
    FOR v_name IN SELECT name FROM indexes LOOP
        EXECUTE 'DROP INDEX ' || v_name;
    END LOOP;
END
$$;
ALTER TABLE missed_calls DROP CONSTRAINT missed_calls_pkey;

INSERT INTO missed_calls (
    business_id, id, version, received_at, local_day, settings_version, responded_at, ended_at, read_at,
    callback_completed_at, conversation_id, call_duration_seconds, recording_duration_seconds, recovered, is_test,
    needs_attention, provider_call, caller_id_status, caller_phone, caller_name, dialled_number, forwarded_from,
    scheduled_method, routing_method, variant, state, outcome, text_status, provider_recording, tags, rule, reply, trace,
    named, contact_name)
SELECT
    m.business_id,
    -- The identifier of a call begins with its time, as the product's do.
    (lpad(to_hex((extract(epoch FROM c.at) * 1000)::bigint), 12, '0') || '8' || substr(c.random, 1, 3) || '9'
        || substr(c.random, 4, 15))::uuid,
    3, c.at, (c.at AT TIME ZONE 'America/Chicago')::date, t.settings_version,
    CASE WHEN c.h % 10 < 7 THEN c.at + (c.h / 10 % 9000) * interval '1 millisecond' END,
    c.at + interval '40 seconds', NULL, NULL, NULL, (c.h / 23 % 600)::integer, NULL,
    c.h / 29 % 3 = 0, c.h / 31 % 100 = 0, c.h / 37 % 100 < 3,
    'CA' || md5(c.g::text), t.caller_id_status, '+1312' || (2000000 + c.h / 41 % least(v.calls, 1000000)), t.caller_name,
    t.dialled_number, NULL, t.scheduled_method,
    (ARRAY['ai_voice', 'ai_voice', 'ai_voice', 'auto_text_only', 'auto_text_only', 'auto_text_only', 'auto_text_only',
           'both', 'voicemail', 'off'])[1 + c.h / 43 % 10],
    t.variant, 'ended',
    -- Nearly half are texts; `failed` is one in a thousand.
    CASE WHEN c.h / 47 % 1000 = 0 THEN 'failed' ELSE
        (ARRAY['auto_text_sent', 'auto_text_sent', 'auto_text_sent', 'auto_text_sent', 'auto_text_sent',
               'auto_text_sent', 'hung_up', 'hung_up', 'hung_up', 'callback_requested', 'callback_requested',
               'lead_captured', 'lead_captured', 'voicemail_left', 'voicemail_no_message', 'question_answered',
               'answered_by_ai', 'appointment_booked', 'no_action', 'spam'])[1 + c.h / 53 % 20] END,
    t.text_status, NULL, '{}', t.rule, t.reply, t.trace,
    -- Each call has ended, and carries the name since.
    true, CASE WHEN c.h / 41 % least(v.calls, 1000000) % 10 < 7 THEN 'Jo Doe' END
FROM (SELECT current_setting('bench.calls')::bigint AS calls, current_setting('bench.typical')::bigint AS typical) v
CROSS JOIN LATERAL (
    SELECT g, md5('s' || g) AS random, ('x' || substr(md5('s' || g), 1, 15))::bit(60)::bigint AS h,
        timestamptz '2026-11-21 00:00+00' - (v.calls - g) * (interval '730 days' / v.calls) AS at
    FROM generate_series(1, v.calls) g OFFSET 0) c
CROSS JOIN template t
JOIN members m ON m.number = CASE WHEN c.g % 5 = 0 THEN 0 WHEN c.g % (v.calls / v.typical) = 1 THEN 1
    ELSE 2 + c.h / 7 % ((SELECT count(*) FROM members) - 2) END;

ALTER TABLE missed_calls ADD CONSTRAINT missed_calls_pkey PRIMARY KEY (business_id, id);
DO $$
DECLARE
    v_definition text;
BEGIN
    FOR v_definition IN SELECT definition FROM indexes LOOP
        EXECUTE v_definition;
    END LOOP;
END
$$;

-- Two callers of three are known by name.
INSERT INTO contacts (business_id, phone, name, created_at, last_seen_at)
SELECT business_id, caller_phone, CASE WHEN right(caller_phone, 1) < '7' THEN 'Jo Doe' END, min(received_at),
    max(received_at)
FROM missed_calls GROUP BY 1, 2;

-- The sums of each day, as the product would have kept them; days are packed but for the last three, as its daily round
-- leaves them.
CREATE FUNCTION pg_temp.counts_of(p_place bigint[], p_calls bigint[], p_recovered bigint[], p_responded bigint[])
RETURNS integer[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_counts integer[] := array_fill(0, ARRAY[240]);
BEGIN
    FOR i IN 1 .. cardinality(p_place) LOOP
        v_counts[p_place[i]] := p_calls[i];
        v_counts[80 + p_place[i]] := p_recovered[i];
        v_counts[160 + p_place[i]] := p_responded[i];
    END LOOP;
    RETURN v_counts;
END
$$;
CREATE FUNCTION pg_temp.times_of(p_place bigint[], p_response_ms bigint[]) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_sums bigint[] := array_fill(0::bigint, ARRAY[80]);
BEGIN
    FOR i IN 1 .. cardinality(p_place) LOOP
        v_sums[p_place[i]] := p_response_ms[i];
    END LOOP;
    RETURN v_sums;
END
$$;
INSERT INTO call_totals (business_id, local_day, counts, response_ms, packed)
SELECT business_id, local_day, counts, response_ms,
    CASE WHEN local_day < date '2026-11-18' THEN packed_sums(counts, response_ms) END
FROM (SELECT business_id, local_day,
    pg_temp.counts_of(array_agg(place), array_agg(calls), array_agg(recovered), array_agg(responded)) AS counts,
    pg_temp.times_of(array_agg(place), array_agg(response_ms)) AS response_ms
FROM (
    SELECT business_id, local_day, place, count(*) AS calls, count(*) FILTER (WHERE recovered) AS recovered,
        count(responded_at) AS responded,
        coalesce(sum((extract(epoch FROM responded_at - received_at) * 1000)::bigint), 0)::bigint AS response_ms
    FROM missed_calls
    CROSS JOIN LATERAL (SELECT (array_position(
        ARRAY['ai_voice', 'auto_text_only', 'both', 'voicemail', 'off'], routing_method) - 1) * 16::bigint
        + array_position(ARRAY['no_action', 'answered_by_ai', 'voicemail_left', 'voicemail_no_message',
            'auto_text_sent', 'appointment_booked', 'callback_requested', 'question_answered', 'lead_captured',
            'hung_up', 'spam', 'failed'], outcome) AS place) AS p
    WHERE NOT is_test GROUP BY 1, 2, 3) AS sums
GROUP BY 1, 2) AS days
ORDER BY local_day, business_id;
