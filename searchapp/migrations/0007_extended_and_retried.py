from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("searchapp", "0006_candidate_words_and_times"),
    ]

    operations = [
        migrations.AddField(
            model_name="candidate",
            name="unobserved",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="searchevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("search.status", "Search Status"),
                    ("round.proposed", "Round Proposed"),
                    ("candidate.started", "Candidate Started"),
                    ("candidate.finished", "Candidate Finished"),
                    ("round.observed", "Round Observed"),
                    ("trial.finished", "Trial Finished"),
                    ("search.extended", "Search Extended"),
                    ("search.retried", "Search Retried"),
                ],
                max_length=30,
            ),
        ),
    ]
