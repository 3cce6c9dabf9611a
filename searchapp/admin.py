"""The admin: queues, workers and primitive sets can be changed; what a search wrote can be read."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from searchapp import models
from searchapp.workers.presence import is_live


class ReadOnly(admin.ModelAdmin):
    """Rows that only services and workers write: a changed one would break its search."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyPart(ReadOnly):
    """Rows of large tables: counting them all for each page would be slow."""

    show_full_result_count = False


@admin.register(models.PrimitiveSet)
class PrimitiveSetAdmin(admin.ModelAdmin):
    list_display = ("name", "owner")
    list_filter = (("owner", admin.EmptyFieldListFilter),)
    search_fields = ("name", "owner__username")


@admin.register(models.Queue)
class QueueAdmin(admin.ModelAdmin):
    list_display = ("name", "live_workers", "waiting", "trials_waiting")

    @admin.display(description="live workers")
    def live_workers(self, queue: models.Queue) -> int:
        return sum(is_live(worker) for worker in queue.workers.all())

    @admin.display(description="candidates waiting")
    def waiting(self, queue: models.Queue) -> int:
        return models.Candidate.objects.filter(
            search__queue=queue, status=models.CandidateStatus.QUEUED, duplicate_of=None
        ).count()

    @admin.display(description="trials waiting")
    def trials_waiting(self, queue: models.Queue) -> int:
        return models.Trial.objects.filter(search__queue=queue, status=models.CandidateStatus.QUEUED).count()


@admin.register(models.Worker)
class WorkerAdmin(ReadOnly):
    list_display = ("name", "queue", "device", "host", "is_live", "candidate", "trial", "started_at", "seen_at")
    list_filter = ("queue", "device")
    list_select_related = ("queue", "candidate", "trial")

    @admin.display(boolean=True, description="live")
    def is_live(self, worker: models.Worker) -> bool:
        return is_live(worker)


@admin.register(models.Search)
class SearchAdmin(ReadOnly):
    list_display = ("id", "name", "owner", "status", "candidates_done", "budget", "queue", "created_at")
    list_filter = ("status", "queue")
    list_select_related = ("owner", "queue")
    search_fields = ("name", "owner__username")
    date_hierarchy = "created_at"


@admin.register(models.Round)
class RoundAdmin(ReadOnlyPart):
    list_display = ("search", "number", "status", "observed_at")
    list_filter = ("status",)
    list_select_related = ("search",)


@admin.register(models.Candidate)
class CandidateAdmin(ReadOnlyPart):
    list_display = ("search", "index", "text", "status", "outcome", "reward", "attempt", "worker_name", "lease_until")
    list_filter = ("status", "outcome")
    list_select_related = ("search",)
    search_fields = ("text", "fingerprint")


@admin.register(models.ChildRun)
class ChildRunAdmin(ReadOnlyPart):
    list_display = ("candidate", "position", "stage", "learning_rate", "outcome", "seconds")
    list_filter = ("stage", "outcome")
    list_select_related = ("candidate",)


@admin.register(models.Trial)
class TrialAdmin(ReadOnlyPart):
    list_display = (
        "search",
        "purpose",
        "name",
        "text",
        "number",
        "status",
        "outcome",
        "reward",
        "attempt",
        "worker_name",
    )
    list_filter = ("purpose", "status", "outcome")
    list_select_related = ("search",)
    search_fields = ("text", "name")


@admin.register(models.Transfer)
class TransferAdmin(ReadOnlyPart):
    list_display = ("title", "candidate", "created_at")
    list_select_related = ("candidate",)


@admin.register(models.SearchEvent)
class SearchEventAdmin(ReadOnlyPart):
    list_display = ("search", "seq", "kind", "created_at")
    list_filter = ("kind",)
    list_select_related = ("search",)
