"""The application's pages."""

from django.urls import path
from django.views.generic import RedirectView

from searchapp.views import live, new_search, rules, searches, trials

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="search-list"), name="home"),
    path("searches/", searches.search_list, name="search-list"),
    path("searches/new/", new_search.search_new, name="search-new"),
    path("searches/new/estimate/", new_search.search_estimate, name="search-estimate"),
    path("searches/<int:search_id>/", live.search_live, name="search-live"),
    path("searches/<int:search_id>/confirm/", live.confirm_best, name="confirm-best"),
    path("searches/<int:search_id>/leaderboard/", live.leaderboard_fragment, name="leaderboard-fragment"),
    path("searches/<int:search_id>/rules/<int:index>/", rules.rule, name="rule"),
    path("searches/<int:search_id>/rules/<int:index>/optimizer.py", rules.rule_export, name="rule-export"),
    path("searches/<int:search_id>/rules/<int:index>/trials/", trials.trials_fragment, name="rule-trials"),
    path("searches/<int:search_id>/rules/<int:index>/confirm/", trials.confirm, name="rule-confirm"),
    path("searches/<int:search_id>/rules/<int:index>/paths/", trials.draw_paths, name="rule-paths"),
    path("searches/<int:search_id>/rules/<int:index>/transfer/", trials.transfer, name="rule-transfer"),
    path("searches/<int:search_id>/<slug:action>/", live.search_action, name="search-action"),
]
