-- What pages and totals read, made cheap to read.

-- ---- pages ---------------------------------------------------------------------------------------------------------

-- The label under which the dashboard shows an outcome. A column, because a function of the outcome could not use an
-- index beneath a policy.
ALTER TABLE missed_calls ADD COLUMN label text NOT NULL GENERATED ALWAYS AS (
    CASE outcome
        WHEN 'appointment_booked' THEN 'appointment_booked'
        WHEN 'question_answered' THEN 'question_answered'
        WHEN 'answered_by_ai' THEN 'question_answered'
        WHEN 'callback_requested' THEN 'callback_requested'
        WHEN 'lead_captured' THEN 'callback_requested'
        WHEN 'voicemail_left' THEN 'voicemail_left'
        WHEN 'hung_up' THEN 'hung_up'
        WHEN 'voicemail_no_message' THEN 'hung_up'
        WHEN 'spam' THEN 'spam'
        ELSE 'no_response'
    END) STORED;

-- Serves a method, a label or both: a page merges at most seven ranges, and takes no more from each than it shows.
DROP INDEX missed_calls_filter;
CREATE INDEX missed_calls_filter ON missed_calls (business_id, routing_method, label, received_at DESC, id DESC);

-- ---- totals --------------------------------------------------------------------------------------------------------

-- The sums of a day once more, in a form that is sent as it lies: sending an array costs a call for each of its elements,
-- 320 a day. Each place with calls is followed by calls, recovered, responded (four bytes each) and response_ms (eight).
-- Absent while the day is young, and from a change of an older day until the next packing; then the arrays are read.
ALTER TABLE call_totals ADD COLUMN packed bytea;
ALTER TABLE call_totals ALTER COLUMN packed SET STORAGE PLAIN;

CREATE FUNCTION packed_sums(p_counts integer[], p_response_ms bigint[]) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_packed bytea := '';
BEGIN
    FOR i IN 1 .. 80 LOOP
        CONTINUE WHEN p_counts[i] = 0 AND p_counts[80 + i] = 0 AND p_counts[160 + i] = 0 AND p_response_ms[i] = 0;
        v_packed := v_packed || set_byte('\x00'::bytea, 0, i - 1) || int4send(p_counts[i])
            || int4send(p_counts[80 + i]) || int4send(p_counts[160 + i]) || int8send(p_response_ms[i]);
    END LOOP;
    RETURN v_packed;
END
$$;

-- Packs the days before one. The business's lock keeps it apart from those who add to several days.
CREATE FUNCTION pack_days(p_business uuid, p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM business_heads WHERE business_id = p_business FOR UPDATE;
    UPDATE call_totals SET packed = packed_sums(counts, response_ms)
    WHERE business_id = p_business AND packed IS NULL
        -- Over in every zone, and for long enough that little is still to come.
        AND local_day < (coalesce(p_now, now()) AT TIME ZONE 'UTC')::date - 2;
END
$$;

-- Whatever changes a packed day unpacks it, so that nobody reads what is no longer so.
CREATE FUNCTION unpack_day() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.call_totals SET packed = NULL WHERE business_id = NEW.business_id AND local_day = NEW.local_day;
    RETURN NULL;
END
$$;
CREATE TRIGGER unpack_day AFTER UPDATE OF counts, response_ms ON call_totals
    FOR EACH ROW WHEN (NEW.packed IS NOT NULL) EXECUTE FUNCTION unpack_day();

-- What is there already. The owner passes its own policies for as long as this step lasts.
ALTER TABLE call_totals NO FORCE ROW LEVEL SECURITY;
UPDATE call_totals SET packed = packed_sums(counts, response_ms) WHERE local_day < current_date - 2;
ALTER TABLE call_totals FORCE ROW LEVEL SECURITY;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
