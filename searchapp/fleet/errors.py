"""What cannot be asked of a queue or a worker; the message is for people."""


class FleetError(ValueError):
    """Somebody asked for what does not fit the queue, worker or child as it is now."""
