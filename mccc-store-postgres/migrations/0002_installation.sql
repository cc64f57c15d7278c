-- The closed list of functions through which the server's role reaches the installation tables. They run with the
-- owner's rights and a pinned search path. Whatever acts for a business asks first that the transaction names it. What
-- is hot is plpgsql, which keeps its plans for the life of a connection.

CREATE FUNCTION require_admitted(p_businesses uuid[]) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT coalesce(p_businesses <@ nullif(current_setting('mccc.businesses', true), '')::uuid[], false) THEN
        RAISE insufficient_privilege USING MESSAGE = 'the transaction does not name this business';
    END IF;
END
$$;

-- ---- numbers and businesses ----------------------------------------------------------------------------------------

CREATE FUNCTION business_of_number(p_number text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    RETURN (SELECT business_id FROM business_phones WHERE number = p_number);
END
$$;

CREATE FUNCTION phones_of(p_business uuid) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(ARRAY[p_business]);
    RETURN (
        SELECT coalesce(json_agg(json_build_object('number', number, 'kind', kind, 'account', account,
                                                   'provider_number', provider_number) ORDER BY added), '[]')
        FROM business_phones WHERE business_id = p_business);
END
$$;

CREATE FUNCTION list_businesses(p_after uuid, p_limit integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT business_id FROM business_directory
    WHERE p_after IS NULL OR business_id > p_after
    ORDER BY business_id LIMIT p_limit
$$;

CREATE FUNCTION register_business(p_business uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(ARRAY[p_business]);
    INSERT INTO business_directory VALUES (p_business) ON CONFLICT DO NOTHING;
END
$$;

-- False when the number belongs to another business.
CREATE FUNCTION put_phone(p_business uuid, p_number text, p_kind text, p_account text, p_provider_number text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(ARRAY[p_business]);
    INSERT INTO business_phones AS p (number, business_id, kind, account, provider_number)
    VALUES (p_number, p_business, p_kind, p_account, p_provider_number)
    ON CONFLICT (number) DO UPDATE
        SET kind = excluded.kind, account = excluded.account, provider_number = excluded.provider_number
        WHERE p.business_id = excluded.business_id;
    RETURN FOUND;
END
$$;

CREATE FUNCTION remove_phone(p_business uuid, p_number text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(ARRAY[p_business]);
    DELETE FROM business_phones WHERE number = p_number AND business_id = p_business;
END
$$;

-- ---- jobs ----------------------------------------------------------------------------------------------------------

-- Live work with the same kind and key, and any job with the same identifier, is left as it is.
CREATE FUNCTION enqueue_jobs(
    p_business uuid[], p_id uuid[], p_kind text[], p_subject text[], p_payload text[], p_run_at timestamptz[],
    p_dedupe text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(p_business);
    INSERT INTO jobs (id, business_id, run_at, due_at, kind, subject, dedupe, payload)
    SELECT j.id, j.business_id, j.run_at, j.run_at, j.kind, j.subject, j.dedupe, j.payload::json
    FROM unnest(p_business, p_id, p_kind, p_subject, p_payload, p_run_at, p_dedupe)
        AS j(business_id, id, kind, subject, payload, run_at, dedupe)
    ON CONFLICT DO NOTHING;
END
$$;

CREATE FUNCTION cancel_jobs(p_business uuid, p_subject text, p_kinds text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(ARRAY[p_business]);
    UPDATE jobs SET state = 'canceled'
    WHERE business_id = p_business AND kind = ANY (p_kinds) AND subject = p_subject AND state = 'queued';
END
$$;

-- Records the result of the attempt that holds the fence; false when the lease has passed on or the job is over. With
-- the state 'running' nothing changes, but the row stays locked until the transaction ends.
CREATE FUNCTION finish_job(
    p_business uuid, p_id uuid, p_fence bigint, p_state text, p_run_at timestamptz, p_payload text, p_fresh boolean,
    p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(ARRAY[p_business]);
    IF p_state = 'running' THEN
        PERFORM 1 FROM jobs
        WHERE id = p_id AND business_id = p_business AND fence = p_fence AND state = 'running' FOR UPDATE;
    ELSE
        UPDATE jobs SET
            state = p_state,
            run_at = coalesce(p_run_at, run_at),
            due_at = CASE WHEN p_fresh THEN coalesce(p_run_at, due_at) ELSE due_at END,
            payload = coalesce(p_payload::json, payload),
            attempt = CASE WHEN p_fresh THEN 0 ELSE attempt END,
            reason = p_reason,
            lease_until = NULL,
            worker = NULL
        WHERE id = p_id AND business_id = p_business AND fence = p_fence AND state = 'running';
    END IF;
    RETURN FOUND;
END
$$;

-- Oldest due first; what another worker is just taking is passed over. Expired leases count as due.
CREATE FUNCTION claim_jobs(p_worker text, p_limit integer, p_lease_micros bigint, p_now timestamptz)
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
            ORDER BY j.run_at LIMIT p_limit FOR UPDATE SKIP LOCKED) queued
        UNION ALL
        SELECT * FROM (
            SELECT j.id, j.run_at FROM jobs j
            WHERE j.state = 'running' AND j.lease_until <= v_now
            ORDER BY j.lease_until LIMIT p_limit FOR UPDATE SKIP LOCKED) expired
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

-- A lease that is handed back does not count as an attempt.
CREATE FUNCTION release_jobs(p_worker text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    v_count integer;
BEGIN
    UPDATE jobs SET state = 'queued', lease_until = NULL, worker = NULL, attempt = greatest(attempt - 1, 0)
    WHERE state = 'running' AND worker = p_worker;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

CREATE FUNCTION queue_depth() RETURNS TABLE (kind text, state text, count bigint, oldest_due timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT kind, state, count(*), min(run_at) FROM jobs
    WHERE state IN ('queued', 'running') GROUP BY kind, state
    UNION ALL
    SELECT kind, state, count(*), min(run_at) FROM jobs WHERE state = 'dead' GROUP BY kind, state
    ORDER BY 1, 2
$$;

-- ---- suppression and send claims -----------------------------------------------------------------------------------

CREATE FUNCTION is_suppressed(p_phone text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    RETURN (SELECT EXISTS (SELECT FROM sms_suppression WHERE phone_number = p_phone));
END
$$;

CREATE FUNCTION suppress(p_business uuid, p_phone text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(ARRAY[p_business]);
    INSERT INTO sms_suppression VALUES (p_phone, p_business, p_at) ON CONFLICT DO NOTHING;
END
$$;

CREATE FUNCTION unsuppress(p_business uuid, p_phone text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(ARRAY[p_business]);
    DELETE FROM sms_suppression WHERE phone_number = p_phone AND business_id = p_business;
END
$$;

CREATE FUNCTION claim_send(p_business uuid, p_message uuid, p_phone text, p_micros bigint, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(ARRAY[p_business]);
    INSERT INTO send_claims AS c VALUES (
        p_message, p_business, p_phone, coalesce(p_now, clock_timestamp()) + p_micros * interval '1 microsecond')
    ON CONFLICT (message_id) DO UPDATE SET phone = excluded.phone, expires_at = excluded.expires_at
        WHERE c.business_id = excluded.business_id;
END
$$;

CREATE FUNCTION settle_send(p_business uuid, p_message uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM require_admitted(ARRAY[p_business]);
    DELETE FROM send_claims WHERE message_id = p_message AND business_id = p_business;
END
$$;

CREATE FUNCTION open_claims(p_phone text, p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    RETURN (SELECT count(*) FROM send_claims WHERE phone = p_phone AND expires_at > coalesce(p_now, clock_timestamp()));
END
$$;

-- ---- people, sessions, keys ----------------------------------------------------------------------------------------

CREATE FUNCTION add_user(p_id uuid, p_email text, p_name text, p_hash text, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    INSERT INTO users VALUES (p_id, p_email, p_name, p_hash, p_at) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

CREATE FUNCTION set_password(p_id uuid, p_hash text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    UPDATE users SET password_hash = p_hash WHERE id = p_id
$$;

CREATE FUNCTION find_user(p_id uuid, p_email text) RETURNS SETOF users
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT * FROM users WHERE id = p_id UNION ALL SELECT * FROM users WHERE lower(email) = lower(p_email)
$$;

CREATE FUNCTION user_count() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT count(*) FROM users
$$;

CREATE FUNCTION put_membership(p_user uuid, p_business uuid, p_role text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    INSERT INTO business_users VALUES (p_user, p_business, p_role)
    ON CONFLICT (user_id, business_id) DO UPDATE SET role = excluded.role
$$;

CREATE FUNCTION memberships(p_user uuid) RETURNS SETOF business_users
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT * FROM business_users WHERE user_id = p_user ORDER BY business_id
$$;

CREATE FUNCTION add_session(p_hash bytea, p_id uuid, p_user uuid, p_one_time boolean, p_at timestamptz, p_until timestamptz)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    INSERT INTO sessions VALUES (p_hash, p_id, p_user, p_one_time, p_at, p_until)
$$;

CREATE FUNCTION find_session(p_hash bytea) RETURNS SETOF sessions
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM sessions WHERE token_hash = p_hash;
END
$$;

-- Returns a one-time session and ends it in the same step.
CREATE FUNCTION take_session(p_hash bytea) RETURNS SETOF sessions
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    DELETE FROM sessions WHERE token_hash = p_hash AND one_time RETURNING *
$$;

CREATE FUNCTION end_session(p_hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    DELETE FROM sessions WHERE token_hash = p_hash
$$;

CREATE FUNCTION prune_sessions(p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    v_count bigint;
BEGIN
    DELETE FROM sessions WHERE expires_at <= p_now;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

CREATE FUNCTION add_api_key(p_hash bytea, p_id uuid, p_business uuid, p_name text, p_role text, p_at timestamptz,
                            p_revoked timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    INSERT INTO api_keys VALUES (p_hash, p_id, p_business, p_name, p_role, p_at, p_revoked)
$$;

CREATE FUNCTION find_api_key(p_hash bytea) RETURNS SETOF api_keys
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM api_keys WHERE key_hash = p_hash;
END
$$;

CREATE FUNCTION api_keys_of(p_business uuid) RETURNS SETOF api_keys
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT * FROM api_keys WHERE business_id = p_business ORDER BY created_at DESC, id DESC
$$;

CREATE FUNCTION revoke_api_key(p_business uuid, p_id uuid, p_at timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    UPDATE api_keys SET revoked_at = p_at WHERE id = p_id AND business_id = p_business AND revoked_at IS NULL
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
