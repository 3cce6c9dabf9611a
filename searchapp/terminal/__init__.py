"""What `manage.py search` is made of: options, the view while a search runs, and what it writes. No Django models."""
