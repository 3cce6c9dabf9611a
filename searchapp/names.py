"""Names that people give: the form, the API and the services check them alike."""


class BadName(ValueError):
    """A name that is empty or holds what cannot be shown."""


def checked_name(name: str) -> str:
    """The name without white space around it.

    Raises:
        BadName: nothing is left of it, or it holds control characters.
    """
    name = name.strip()
    if not name or not name.isprintable():
        raise BadName("A name needs at least one character, and no control characters.")
    return name
