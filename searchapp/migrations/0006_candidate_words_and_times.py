"""What lists of rules are narrowed and sorted by: the words of a rule, and how often it was proposed."""

from django.db import migrations, models
from django.db.models import Count

from engine.errors import RuleError
from engine.language import Rule
from engine.language.words import words

BATCH = 2000  # rows

INDEXES = {
    "candidate_rank": ["search", "-reward", "complexity", "index", "duplicate_of", "outcome", "confirmed_mean"],
    "candidate_complexity": ["search", "complexity", "index", "duplicate_of"],
    "candidate_times": ["search", "times_proposed", "index", "duplicate_of"],
    "candidate_rate": ["search", "learning_rate", "index", "duplicate_of"],
    "candidate_outcome": ["search", "outcome", "index", "duplicate_of"],
}


def fill(apps, schema_editor):
    candidates = apps.get_model("searchapp", "Candidate").objects.order_by("pk")
    last = 0
    while rows := list(candidates.filter(pk__gt=last)[:BATCH]):
        times = dict(
            candidates.filter(duplicate_of__in=rows).order_by().values_list("duplicate_of").annotate(Count("pk"))
        )
        for row in rows:
            row.words, row.times_proposed = _words(row.text), 1 + times.get(row.pk, 0)
        candidates.bulk_update(rows, ["words", "times_proposed"])
        last = rows[-1].pk


def _words(text):
    try:
        return f" {' '.join(sorted(words(Rule.parse(text).tree)))} "
    except RuleError:
        return ""  # an older version wrote it; it is shown, and no word finds it


class Migration(migrations.Migration):
    dependencies = [("searchapp", "0005_api_tokens_and_set_versions")]

    operations = [
        migrations.AddField("candidate", "words", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.AddField("candidate", "times_proposed", models.PositiveIntegerField(default=1)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveIndex("candidate", "candidate_rank"),
        migrations.RemoveIndex("candidate", "candidate_confirmed"),
        *(migrations.AddIndex("candidate", models.Index(fields=fields, name=name)) for name, fields in INDEXES.items()),
        migrations.AddIndex(
            "candidate",
            models.Index(
                fields=["search", "-confirmed_mean"],
                condition=models.Q(confirmed_mean__isnull=False),
                name="candidate_confirmed",
            ),
        ),
    ]
