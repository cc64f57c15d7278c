-- Which jobs are claimed does not depend on chance: the oldest first also among those of one instant and among those
-- whose lease has expired, as in every other store.

CREATE OR REPLACE FUNCTION claim_jobs(p_worker text, p_limit integer, p_lease_micros bigint, p_now timestamptz)
RETURNS TABLE (id uuid, business_id uuid, subject text, payload text, attempt integer, due_at timestamptz,
               fence bigint, lease_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := coalesce(p_now, clock_timestamp());
    v_until timestamptz := v_now + p_lease_micros * interval '1 microsecond';
BEGIN
    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT * FROM (
            SELECT j.id, j.run_at FROM jobs j
            WHERE j.state = 'queued' AND j.run_at <= v_now
            ORDER BY j.run_at, j.id LIMIT p_limit FOR UPDATE SKIP LOCKED) queued
        UNION ALL
        SELECT * FROM (
            SELECT j.id, j.run_at FROM jobs j
            WHERE j.state = 'running' AND j.lease_until <= v_now
            ORDER BY j.run_at, j.id LIMIT p_limit FOR UPDATE SKIP LOCKED) expired
    ), chosen AS MATERIALIZED (
        SELECT due.id FROM due ORDER BY due.run_at, due.id LIMIT p_limit
    ), taken AS (
        UPDATE jobs j SET state = 'running', worker = p_worker, lease_until = v_until, fence = j.fence + 1,
                          attempt = j.attempt + 1
        FROM chosen WHERE j.id = chosen.id
        RETURNING j.*
    )
    SELECT t.id, t.business_id, t.subject, t.payload::text, t.attempt, t.due_at, t.fence, t.lease_until
    FROM taken t ORDER BY t.run_at, t.id;
END
$$;
