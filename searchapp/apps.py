"""The application `searchapp`: built-in rows are synchronised after each migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SearchAppConfig(AppConfig):
    name = "searchapp"
    verbose_name = "Optimizer search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_sync_built_in, sender=self, dispatch_uid="searchapp.sync_built_in")


def _sync_built_in(**_: object) -> None:
    # Models can be imported only once the applications are loaded.
    from searchapp.built_in import sync  # noqa: PLC0415

    sync()
