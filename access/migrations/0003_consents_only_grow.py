"""Words about the use of data are added, never changed."""

from django.db import migrations

FORWARDS = """
ALTER TABLE access_consentrecord ADD CONSTRAINT access_consent_key_width
    CHECK (octet_length(subject_key) = 16 AND octet_length(holder) IN (0, 16));

CREATE FUNCTION access_consent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'words of consent only grow' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER access_consentrecord_only_grows BEFORE UPDATE OR DELETE ON access_consentrecord
    FOR EACH STATEMENT EXECUTE FUNCTION access_consent_refuse();
REVOKE UPDATE, DELETE ON access_consentrecord FROM hub_app;
"""

BACKWARDS = """
DROP TRIGGER access_consentrecord_only_grows ON access_consentrecord;
DROP FUNCTION access_consent_refuse();
ALTER TABLE access_consentrecord DROP CONSTRAINT access_consent_key_width;
GRANT UPDATE, DELETE ON access_consentrecord TO hub_app;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0002_signed_texts"), ("hub", "0002_trail")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
