"""Which websocket address leads to which consumer."""

from django.urls import path

from searchapp.consumers import SearchConsumer

websocket_urlpatterns = [path("ws/searches/<int:search_id>/", SearchConsumer.as_asgi())]
