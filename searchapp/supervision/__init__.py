"""What `manage.py up` does: checks, first run, and every process of one machine under one supervisor."""
