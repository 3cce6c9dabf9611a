"""The Celery application; its settings are the CELERY_* names of nosweb.settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nosweb.settings")

app = Celery("nosweb")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
