"""Words of datasets, searched in French without minding accents."""

from django.db import migrations

SQL = """
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
CREATE TEXT SEARCH CONFIGURATION public.hub_fr (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION public.hub_fr
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, pg_catalog.french_stem;
ALTER TABLE catalog_dataset ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('public.hub_fr', title), 'A')
    || setweight(to_tsvector('public.hub_fr', summary), 'B')
    || setweight(to_tsvector('public.hub_fr', words), 'C')
    || setweight(to_tsvector('public.hub_fr', description || ' ' || population), 'D')
) STORED;
CREATE INDEX catalog_dataset_search ON catalog_dataset USING gin (search);
"""

UNDO = """
ALTER TABLE catalog_dataset DROP COLUMN search;
DROP TEXT SEARCH CONFIGURATION public.hub_fr;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
