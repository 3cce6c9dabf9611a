"""The rules of a search as a list (narrowed, sorted, ranked, exported), and what surrounds one rule."""
