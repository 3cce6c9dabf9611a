"""Celery's tasks, one module for each kind of worker, so that a child worker never imports torch.

`python manage.py worker` imports the one that it needs. Every task takes an id, is short or renews a lease, and may be
delivered twice or never.
"""
