"""The trail in the database: one function writes, nobody changes, the chain follows."""

from django.db import migrations

FORWARDS = """
CREATE TABLE hub_auditevent (
    seq bigint PRIMARY KEY,
    happened_at timestamptz NOT NULL,
    kind varchar(100) NOT NULL,
    actor varchar(60) NOT NULL,
    acting_as varchar(60) NOT NULL,
    subject varchar(200) NOT NULL,
    reason text NOT NULL,
    details jsonb NOT NULL,
    previous bytea NOT NULL,
    digest bytea NOT NULL
);
CREATE INDEX hub_auditevent_subject ON hub_auditevent (subject, seq);
CREATE INDEX hub_auditevent_kind ON hub_auditevent (kind, seq);

CREATE TABLE hub_audithead (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq bigint NOT NULL,
    digest bytea NOT NULL
);
INSERT INTO hub_audithead (seq, digest) VALUES (0, ''::bytea);

CREATE FUNCTION audit_digest(
    previous bytea, seq bigint, happened_at timestamptz, kind text, actor text, acting_as text,
    subject text, reason text, details jsonb
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE SET timezone = 'UTC' AS $$
    SELECT sha256(previous || convert_to(jsonb_build_array(
        seq, extract(epoch FROM happened_at), kind, actor, acting_as, subject, reason, details
    )::text, 'UTF8'))
$$;

CREATE FUNCTION audit_append(
    happened_at timestamptz, kind text, actor text, acting_as text, subject text, reason text,
    details jsonb
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head hub_audithead%ROWTYPE;
    following bigint;
    new_digest bytea;
BEGIN
    SELECT * INTO head FROM hub_audithead FOR UPDATE;
    following := head.seq + 1;
    new_digest := audit_digest(head.digest, following, happened_at, kind, actor, acting_as,
                               subject, reason, details);
    INSERT INTO hub_auditevent VALUES (following, happened_at, kind, actor, acting_as, subject,
                                       reason, details, head.digest, new_digest);
    UPDATE hub_audithead SET seq = following, digest = new_digest;
    RETURN following;
END
$$;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail only grows' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER hub_auditevent_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON hub_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER hub_audithead_stays BEFORE DELETE OR TRUNCATE ON hub_audithead
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_app') THEN
        CREATE ROLE hub_app LOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT USAGE ON SCHEMA public TO hub_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO hub_app;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO hub_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hub_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO hub_app;
REVOKE INSERT, UPDATE, DELETE ON hub_auditevent, hub_audithead FROM hub_app;
REVOKE ALL ON FUNCTION audit_append(timestamptz, text, text, text, text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_append(timestamptz, text, text, text, text, text, jsonb) TO hub_app;
"""

BACKWARDS = """
DROP TABLE hub_auditevent, hub_audithead;
DROP FUNCTION audit_append, audit_digest, audit_refuse;
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
