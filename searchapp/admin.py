"""The admin: queues, workers and primitive sets can be changed; what a search wrote can be read."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from searchapp import models
from searchapp.access import person
from searchapp.fleet import admin_actions, audit, queues
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


@admin.register(models.ApiToken)
class ApiTokenAdmin(ReadOnly):
    """Whose tokens there are; deleting one is as good as revoking it."""

    list_display = ("name", "owner", "prefix", "created_at", "used_at", "expires_at", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username", "prefix")
    exclude = ("digest",)


@admin.register(models.Queue)
class QueueAdmin(admin.ModelAdmin):
    list_display = ("name", "paused", "limit_per_user", "live_workers", "waiting", "trials_waiting")
    readonly_fields = ("paused",)  # by the actions, which also send what waits

    def get_readonly_fields(self, request: HttpRequest, obj: models.Queue | None = None) -> tuple[str, ...]:
        """A queue keeps its name: workers that run listen to it, and their command lines have it."""
        return ("paused",) if obj is None else ("paused", "name")

    actions = (admin_actions.pause, admin_actions.resume, admin_actions.requeue)

    def save_model(self, request: HttpRequest, obj: models.Queue, form: ModelForm, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            audit.note(request.user, "queue.added", obj, limit=obj.limit_per_user)
            return
        before = models.Queue.objects.get(pk=obj.pk)
        queues.limit_queue(user=person(request), queue=before, limit=obj.limit_per_user)

    def delete_model(self, request: HttpRequest, obj: models.Queue) -> None:
        audit.note(request.user, "queue.deleted", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for queue in queryset:
            self.delete_model(request, queue)

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
    list_display = (
        "name",
        "queue",
        "device",
        "host",
        "version",
        "is_live",
        "draining",
        "candidate",
        "trial",
        "seen_at",
    )
    list_filter = ("queue", "device", "version", "draining")
    list_select_related = ("queue", "candidate", "trial")
    actions = (admin_actions.drain, admin_actions.retire)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_actions(request), **admin_actions.moves()}

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # it is retired instead, which gives back what it holds

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

    def delete_model(self, request: HttpRequest, obj: models.Search) -> None:
        audit.note(request.user, "search.deleted", obj, owner=obj.owner.username)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for search in queryset:
            self.delete_model(request, search)


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
    actions = (admin_actions.cancel,)


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
    actions = (admin_actions.cancel,)


@admin.register(models.Transfer)
class TransferAdmin(ReadOnlyPart):
    list_display = ("title", "candidate", "created_at")
    list_select_related = ("candidate",)


@admin.register(models.SearchEvent)
class SearchEventAdmin(ReadOnlyPart):
    list_display = ("search", "seq", "kind", "created_at")
    list_filter = ("kind",)
    list_select_related = ("search",)


@admin.register(models.AuditEntry)
class AuditEntryAdmin(ReadOnlyPart):
    list_display = ("at", "who", "action", "target", "details")
    list_filter = ("action",)
    search_fields = ("who", "target")
    date_hierarchy = "at"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
