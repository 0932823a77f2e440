"""Requests, grants and extracts of several datasets that are joined; recalls name their dataset."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery


def name_datasets(apps, schema):
    """Until now the dataset of a recall was that of its extract."""
    extract = apps.get_model("access", "Extract")
    recall = apps.get_model("access", "Recall")
    known = extract.objects.filter(pk=OuterRef("extract")).values(of=F("granted__dataset"))
    recall.objects.update(dataset_id=Subquery(known))
    # The column changes below, in the same transaction: nothing may wait for its end.
    schema.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("access", "0007_estimates"), ("catalog", "0004_nodes")]

    operations = [
        migrations.AddField(
            "accessrequest",
            "crossing",
            models.BooleanField(default=False, verbose_name="Crossing of the datasets"),
        ),
        migrations.AddField(
            "accessrequest",
            "crossing_reason",
            models.TextField(blank=True, verbose_name="Why the datasets are crossed"),
        ),
        migrations.AddField(
            "grant", "crossing", models.BooleanField(default=False, verbose_name="crossing")
        ),
        migrations.AddField("extract", "watermarks", models.JSONField(default=dict)),
        migrations.AddField(
            "recall",
            "dataset",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.dataset",
            ),
        ),
        migrations.RunPython(name_datasets, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            "recall",
            "dataset",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.dataset",
            ),
        ),
    ]
