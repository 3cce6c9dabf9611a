"""What people type: parsed here, checked by the engine, and given back as typed when it is wrong."""

from searchapp.forms.new_search import NewSearchForm

__all__ = ["NewSearchForm"]
