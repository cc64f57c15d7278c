-- Lists of calls show the contact's name. Looking up fifty of them took longer than reading the fifty calls, so a call
-- carries the name from its first change on, which comes when it ends: taking it in costs nothing more. A name that is
-- learned or changed later is written to the caller's calls by a trigger; both are done under the lock of the business's
-- head, one after the other.

ALTER TABLE missed_calls ADD COLUMN named boolean NOT NULL DEFAULT false;
ALTER TABLE missed_calls ADD COLUMN contact_name text;

CREATE FUNCTION name_calls() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.missed_calls SET contact_name = NEW.name
    WHERE business_id = NEW.business_id AND caller_phone = NEW.phone AND named AND contact_name IS DISTINCT FROM NEW.name;
    RETURN NULL;
END
$$;
CREATE TRIGGER name_calls AFTER UPDATE OF name ON contacts
    FOR EACH ROW WHEN (NEW.name IS DISTINCT FROM OLD.name) EXECUTE FUNCTION name_calls();
CREATE TRIGGER name_calls_of_new AFTER INSERT ON contacts
    FOR EACH ROW WHEN (NEW.name IS NOT NULL) EXECUTE FUNCTION name_calls();

-- What is there already. The owner passes its own policies for as long as this step lasts.
ALTER TABLE missed_calls NO FORCE ROW LEVEL SECURITY;
ALTER TABLE contacts NO FORCE ROW LEVEL SECURITY;
UPDATE missed_calls m SET named = true, contact_name = (
    SELECT k.name FROM contacts k WHERE k.business_id = m.business_id AND k.phone = m.caller_phone);
ALTER TABLE missed_calls FORCE ROW LEVEL SECURITY;
ALTER TABLE contacts FORCE ROW LEVEL SECURITY;

-- What needs attention under one label, however much else does.
CREATE INDEX missed_calls_attention_label ON missed_calls (business_id, label, received_at DESC, id DESC)
    WHERE needs_attention;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
