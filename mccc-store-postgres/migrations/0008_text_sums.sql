-- What a business sent, summed by the hour and by the minute, so that its limits are checked without counting the day.
-- A window is whole hours, whole minutes before them, and the rest of one minute that is counted row by row.
-- `width` is 60 or 3600 seconds; `recipients` are numbers whose first text falls into the sum.
CREATE TABLE text_sums (
    business_id uuid NOT NULL,
    width       integer NOT NULL CHECK (width IN (60, 3600)),
    start       timestamptz NOT NULL,
    texts       integer NOT NULL,
    recipients  integer NOT NULL,
    PRIMARY KEY (business_id, width, start)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- Adds one text to the sums (change 1) or takes it out (change -1). Where it is the first to its number, the number moves
-- between its instant and that of the next text. Writers of one business hold the lock on its head, so that no two texts
-- to one number are summed at once; and a statement writes one text, since a second one would be seen and not be summed.
CREATE FUNCTION sum_text(p_business uuid, p_id uuid, p_number text, p_at timestamptz, p_change integer) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_first timestamptz := (
        SELECT min(m.created_at) FROM {schema}.sms_log m
        WHERE m.business_id = p_business AND m.their_number = p_number AND m.id <> p_id
          AND m.direction = 'outbound' AND m.status NOT IN ('failed', 'canceled', 'waiting'));
BEGIN
    INSERT INTO {schema}.text_sums AS s (business_id, width, start, texts, recipients)
    SELECT p_business, w.width, date_bin(w.width * interval '1 second', m.at, timestamptz 'epoch'), sum(m.texts),
           sum(m.recipients)
    FROM (VALUES (p_at, p_change, CASE WHEN v_first <= p_at THEN 0 ELSE p_change END),
                 (v_first, 0, -p_change)) AS m(at, texts, recipients)
    CROSS JOIN (VALUES (60), (3600)) AS w(width)
    WHERE m.texts <> 0 OR p_at < m.at
    GROUP BY 2, 3
    ON CONFLICT (business_id, width, start) DO UPDATE
    SET texts = s.texts + excluded.texts, recipients = s.recipients + excluded.recipients;
END
$$;

-- What counts as sent is what the windows count: claimed, and not known to have stayed here.
CREATE FUNCTION sum_texts() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.direction = 'outbound' AND OLD.status NOT IN ('failed', 'canceled', 'waiting') THEN
        PERFORM {schema}.sum_text(OLD.business_id, OLD.id, OLD.their_number, OLD.created_at, -1);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.direction = 'outbound' AND NEW.status NOT IN ('failed', 'canceled', 'waiting') THEN
        PERFORM {schema}.sum_text(NEW.business_id, NEW.id, NEW.their_number, NEW.created_at, 1);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER sms_log_sum AFTER INSERT OR DELETE ON sms_log FOR EACH ROW EXECUTE FUNCTION sum_texts();
CREATE TRIGGER sms_log_sum_changed AFTER UPDATE ON sms_log FOR EACH ROW
WHEN (OLD.created_at <> NEW.created_at OR OLD.their_number <> NEW.their_number
      OR (OLD.direction = 'outbound' AND OLD.status NOT IN ('failed', 'canceled', 'waiting'))
      <> (NEW.direction = 'outbound' AND NEW.status NOT IN ('failed', 'canceled', 'waiting')))
EXECUTE FUNCTION sum_texts();

-- What is there already. The owner passes its own policies for as long as this step lasts.
ALTER TABLE sms_log NO FORCE ROW LEVEL SECURITY;
INSERT INTO text_sums (business_id, width, start, texts, recipients)
SELECT m.business_id, w.width, date_bin(w.width * interval '1 second', m.created_at, timestamptz 'epoch'), count(*),
       count(*) FILTER (WHERE m.nth = 1)
FROM (SELECT business_id, created_at,
             row_number() OVER (PARTITION BY business_id, their_number ORDER BY created_at, id) AS nth
      FROM sms_log WHERE direction = 'outbound' AND status NOT IN ('failed', 'canceled', 'waiting')) AS m
CROSS JOIN (VALUES (60), (3600)) AS w(width)
GROUP BY 1, 2, 3;
ALTER TABLE sms_log FORCE ROW LEVEL SECURITY;

ALTER TABLE text_sums ENABLE ROW LEVEL SECURITY;
ALTER TABLE text_sums FORCE ROW LEVEL SECURITY;
CREATE POLICY admitted ON text_sums USING (array_position(
    (SELECT nullif(current_setting('mccc.businesses', true), '')::uuid[]), business_id) IS NOT NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON text_sums TO {role};

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
