-- What a business sent, summed by the hour and by the minute, so that its limits are checked without counting the day.
-- A window is whole hours, whole minutes before them, and the rest of one minute that is counted row by row.
-- `width` and `start` in microseconds; `recipients` are numbers whose first text falls into the sum.
CREATE TABLE text_sums (
    business_id BLOB    NOT NULL REFERENCES businesses (id),
    width       INTEGER NOT NULL CHECK (width IN (60000000, 3600000000)),
    start       INTEGER NOT NULL CHECK (start % width = 0),
    texts       INTEGER NOT NULL,
    recipients  INTEGER NOT NULL,
    PRIMARY KEY (business_id, width, start)
) STRICT, WITHOUT ROWID;

-- A procedure: inserting here adds one text to the sums (change 1) or takes it out (change -1). Where it is the first to
-- its number, the number moves between its instant and that of the next text.
CREATE VIEW sum_text (business_id, id, number, at, change) AS SELECT NULL, NULL, NULL, NULL, NULL WHERE false;
CREATE TRIGGER sum_text INSTEAD OF INSERT ON sum_text BEGIN
    INSERT INTO text_sums (business_id, width, start, texts, recipients)
    SELECT NEW.business_id, w.width, moved.at - moved.at % w.width, sum(moved.texts), sum(moved.recipients)
    FROM (
        SELECT iif(part.other, others.first, NEW.at) AS at, iif(part.other, 0, NEW.change) AS texts,
               CASE WHEN part.other THEN -NEW.change WHEN others.first <= NEW.at THEN 0 ELSE NEW.change END AS recipients
        FROM (SELECT min(m.created_at) AS first FROM sms_log AS m
              WHERE m.business_id = NEW.business_id AND m.their_number = NEW.number AND m.id <> NEW.id
                AND m.direction = 'outbound' AND m.status NOT IN ('failed', 'canceled', 'waiting')) AS others
        CROSS JOIN (SELECT 0 AS other UNION ALL SELECT 1) AS part
        WHERE NOT part.other OR NEW.at < others.first
    ) AS moved
    CROSS JOIN (SELECT 60000000 AS width UNION ALL SELECT 3600000000) AS w
    WHERE true
    GROUP BY 2, 3
    ON CONFLICT (business_id, width, start) DO UPDATE
    SET texts = texts + excluded.texts, recipients = recipients + excluded.recipients;
END;

-- What counts as sent is what the windows count: claimed, and not known to have stayed here.
CREATE TRIGGER sms_log_sum_new AFTER INSERT ON sms_log
WHEN NEW.direction = 'outbound' AND NEW.status NOT IN ('failed', 'canceled', 'waiting')
BEGIN
    INSERT INTO sum_text VALUES (NEW.business_id, NEW.id, NEW.their_number, NEW.created_at, 1);
END;
CREATE TRIGGER sms_log_sum_changed AFTER UPDATE ON sms_log
WHEN OLD.created_at <> NEW.created_at OR OLD.their_number <> NEW.their_number
  OR (OLD.direction = 'outbound' AND OLD.status NOT IN ('failed', 'canceled', 'waiting'))
  <> (NEW.direction = 'outbound' AND NEW.status NOT IN ('failed', 'canceled', 'waiting'))
BEGIN
    INSERT INTO sum_text SELECT OLD.business_id, OLD.id, OLD.their_number, OLD.created_at, -1
    WHERE OLD.direction = 'outbound' AND OLD.status NOT IN ('failed', 'canceled', 'waiting');
    INSERT INTO sum_text SELECT NEW.business_id, NEW.id, NEW.their_number, NEW.created_at, 1
    WHERE NEW.direction = 'outbound' AND NEW.status NOT IN ('failed', 'canceled', 'waiting');
END;
CREATE TRIGGER sms_log_sum_gone AFTER DELETE ON sms_log
WHEN OLD.direction = 'outbound' AND OLD.status NOT IN ('failed', 'canceled', 'waiting')
BEGIN
    INSERT INTO sum_text VALUES (OLD.business_id, OLD.id, OLD.their_number, OLD.created_at, -1);
END;

INSERT INTO text_sums (business_id, width, start, texts, recipients)
SELECT m.business_id, w.width, m.created_at - m.created_at % w.width, count(*), sum(m.nth = 1)
FROM (SELECT business_id, created_at,
             row_number() OVER (PARTITION BY business_id, their_number ORDER BY created_at, id) AS nth
      FROM sms_log WHERE direction = 'outbound' AND status NOT IN ('failed', 'canceled', 'waiting')) AS m
CROSS JOIN (SELECT 60000000 AS width UNION ALL SELECT 3600000000) AS w
GROUP BY 1, 2, 3;
