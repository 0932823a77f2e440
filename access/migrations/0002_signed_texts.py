"""What was published to be signed never changes, and a signature only loses its account."""

from django.db import migrations

CREATE = """
CREATE FUNCTION access_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: what people signed does not change', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER access_charterversion_stays
    BEFORE UPDATE OR DELETE ON access_charterversion
    FOR EACH ROW EXECUTE FUNCTION access_refuse_change();

CREATE TRIGGER access_signature_stays
    BEFORE DELETE ON access_signature
    FOR EACH ROW EXECUTE FUNCTION access_refuse_change();

CREATE TRIGGER access_signature_only_loses_its_account
    BEFORE UPDATE ON access_signature
    FOR EACH ROW WHEN (
        NEW.user_id IS NOT NULL
        OR (NEW.id, NEW.version_id, NEW.signer, NEW.membership_id, NEW.digest, NEW.signed_at)
            IS DISTINCT FROM
           (OLD.id, OLD.version_id, OLD.signer, OLD.membership_id, OLD.digest, OLD.signed_at)
    ) EXECUTE FUNCTION access_refuse_change();
"""

DROP = """
DROP TRIGGER access_signature_only_loses_its_account ON access_signature;
DROP TRIGGER access_signature_stays ON access_signature;
DROP TRIGGER access_charterversion_stays ON access_charterversion;
DROP FUNCTION access_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
