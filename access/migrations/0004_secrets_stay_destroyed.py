"""The secret of a grant is never replaced, nor brought back once destroyed."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION access_secret_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a secret is made once and destroyed once'
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER access_grantsecret_stays_destroyed BEFORE UPDATE ON access_grantsecret
    FOR EACH ROW WHEN (OLD.destroyed_at IS NOT NULL OR NEW.grant_id <> OLD.grant_id)
    EXECUTE FUNCTION access_secret_refuse();
CREATE TRIGGER access_grantsecret_is_not_forgotten BEFORE DELETE ON access_grantsecret
    FOR EACH ROW EXECUTE FUNCTION access_secret_refuse();
"""

BACKWARDS = """
DROP TRIGGER access_grantsecret_stays_destroyed ON access_grantsecret;
DROP TRIGGER access_grantsecret_is_not_forgotten ON access_grantsecret;
DROP FUNCTION access_secret_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0003_consents_only_grow")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
