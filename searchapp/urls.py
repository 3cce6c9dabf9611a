"""The application's pages."""

from django.urls import path
from django.views.generic import RedirectView

from searchapp.views import docs, live, new_search, rule_list, rules, search_edits, searches, sets, tokens, trials

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="search-list"), name="home"),
    path("searches/", searches.search_list, name="search-list"),
    path("searches/compare/", searches.search_compare, name="search-compare"),
    path("searches/new/", new_search.search_new, name="search-new"),
    path("searches/new/import/", new_search.search_import, name="search-import"),
    path("searches/new/estimate/", new_search.search_estimate, name="search-estimate"),
    path("searches/<int:search_id>/", live.search_live, name="search-live"),
    path("searches/<int:search_id>/extend/", search_edits.extend, name="search-extend"),
    path("searches/<int:search_id>/retry/", search_edits.retry, name="search-retry"),
    path("searches/<int:search_id>/archive/", search_edits.archive, name="search-archive"),
    path("searches/<int:search_id>/unarchive/", search_edits.unarchive, name="search-unarchive"),
    path("searches/<int:search_id>/delete/", search_edits.delete, name="search-delete"),
    path("searches/<int:search_id>/labels/", search_edits.labels, name="search-labels"),
    path("searches/<int:search_id>/settings.json", search_edits.settings_json, name="search-settings"),
    path("searches/<int:search_id>/confirm/", live.confirm_best, name="confirm-best"),
    path("searches/<int:search_id>/leaderboard/", live.leaderboard_fragment, name="leaderboard-fragment"),
    path("searches/<int:search_id>/rules/", rule_list.rule_list, name="rule-list"),
    path("searches/<int:search_id>/rules/rules.csv", rule_list.rules_csv, name="rules-csv"),
    path("searches/<int:search_id>/rules/rules.json", rule_list.rules_json, name="rules-json"),
    path("searches/<int:search_id>/rules/<int:index>/", rules.rule, name="rule"),
    path("searches/<int:search_id>/rules/<int:index>/optimizer.py", rules.rule_export, name="rule-export"),
    path("searches/<int:search_id>/rules/<int:index>/trials/", trials.trials_fragment, name="rule-trials"),
    path("searches/<int:search_id>/rules/<int:index>/confirm/", trials.confirm, name="rule-confirm"),
    path("searches/<int:search_id>/rules/<int:index>/paths/", trials.draw_paths, name="rule-paths"),
    path("searches/<int:search_id>/rules/<int:index>/transfer/", trials.transfer, name="rule-transfer"),
    path("primitives/", sets.set_list, name="primitive-set-list"),
    path("primitives/new/", sets.set_new, name="primitive-set-new"),
    path("primitives/size/", sets.set_size, name="primitive-set-size"),
    path("primitives/<int:set_id>/", sets.set_detail, name="primitive-set"),
    path("primitives/<int:set_id>/edit/", sets.set_edit, name="primitive-set-edit"),
    path("primitives/<int:set_id>/rename/", sets.set_rename, name="primitive-set-rename"),
    path("primitives/<int:set_id>/delete/", sets.set_delete, name="primitive-set-delete"),
    path("primitives/<int:set_id>/restore/<int:number>/", sets.set_restore, name="primitive-set-restore"),
    path("account/tokens/", tokens.token_list, name="token-list"),
    path("account/tokens/<int:token_id>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("docs/", docs.docs_index, name="docs"),
    path("docs/<slug:slug>/", docs.docs_page, name="docs-page"),
    path("searches/<int:search_id>/<slug:action>/", live.search_action, name="search-action"),
]
