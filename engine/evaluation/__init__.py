"""What is asked about a rule after a search: fresh seeds, larger networks, test functions.

Torch-free: ``surfaces``, ``transfers`` and ``confirm``. In trainer processes: ``transfer`` and ``paths``.
"""
