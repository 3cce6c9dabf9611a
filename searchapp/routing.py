"""Which websocket address leads to which consumer."""

from django.urls import path, re_path

from searchapp.consumers import NowhereConsumer, SearchConsumer

websocket_urlpatterns = [
    path("ws/searches/<int:search_id>/", SearchConsumer.as_asgi()),
    re_path("", NowhereConsumer.as_asgi()),
]
