"""Wiring only: settings, URLs, the ASGI application and the Celery application.

The Celery application is imported here so that `shared_task` finds it in every process that starts Django.
"""

from nosweb.celery import app as celery_app

__all__ = ["celery_app"]
