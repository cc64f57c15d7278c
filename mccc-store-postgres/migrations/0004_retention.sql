-- Deleting what is old enough. The consent ledger, opt-outs and suppressions are no part of it: the server's role may
-- not delete from them at all.

-- What is old enough is found by its age, not by looking through everything.
CREATE INDEX webhook_receipts_age ON webhook_receipts (business_id, at);
CREATE INDEX jobs_over ON jobs (business_id, run_at) WHERE state IN ('done', 'canceled', 'dead');

GRANT DELETE ON feed_events, webhook_receipts TO {role};

-- Finished work of one business, the oldest first.
CREATE FUNCTION prune_jobs(p_business uuid, p_before timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    v_count integer;
BEGIN
    DELETE FROM jobs WHERE id IN (
        SELECT id FROM jobs
        WHERE business_id = p_business AND run_at < p_before AND state IN ('done', 'canceled', 'dead')
        ORDER BY run_at LIMIT p_limit);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
