"""What runs in a worker process beside Celery: its row, its heartbeats, its trainer, its shutdown. No torch here."""
