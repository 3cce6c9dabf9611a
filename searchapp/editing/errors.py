"""Why a search cannot be changed as somebody asked; the messages are for people."""


class EditNotAllowed(Exception):
    """The search's state does not allow it now."""


class BadEdit(ValueError):
    """A value that is not allowed, and the field that it was given for."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
