from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("access", "0010_reidentification"),
    ]

    operations = [
        migrations.AddField(
            model_name="requesteddataset",
            name="tables",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
