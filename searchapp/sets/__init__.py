"""Primitive sets: composed by people, kept in versions, explained primitive by primitive."""
