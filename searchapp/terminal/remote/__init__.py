"""`search remote`: searches on a server, from the terminal. Needs no database of this machine."""
