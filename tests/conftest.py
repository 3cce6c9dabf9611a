"""What every test may rely on: a Redis server of this test run's own, or a prefix of its own on TEST_REDIS_URL."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from tests.services import embedded_redis_server


@pytest.fixture(scope="session", autouse=True)
def redis_server() -> Iterator[None]:
    """Start the embedded server, or leave the given one as it was found."""
    if settings.REDIS_IS_EMBEDDED:
        with embedded_redis_server(settings.VAR_DIR, settings.REDIS_URL):
            yield
    else:
        yield
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            for key in client.scan_iter(f"{settings.REDIS_PREFIX}*"):
                client.delete(key)
