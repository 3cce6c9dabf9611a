"""All settings, driven by environment variables (and by a file `.env` beside manage.py, which they override).

.env.example lists every variable with its meaning. Without any of them the application runs on one machine: SQLite
and an embedded Redis, both under var/.
"""

import logging
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF, UNSAFE_INLINE

from nosweb import secret_key
from nosweb.environment import Environment
from searchapp.supervision import redis_address

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
env.read_env(BASE_DIR / ".env")

# --- places ---------------------------------------------------------------------------------------------------------
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).expanduser().resolve()
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.port("PORT", default=8000)

# --- safety ---------------------------------------------------------------------------------------------------------
DEBUG = env.switch("DEBUG")
HTTPS = env.switch("HTTPS")  # behind a proxy that speaks TLS and sets X-Forwarded-Proto
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key.read_or_create(VAR_DIR / "secret_key")
if HTTPS or not DEBUG:
    secret_key.check(SECRET_KEY)
# This machine itself is always allowed: health checks come from here.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[]), "localhost", "127.0.0.1", "[::1]", HOST]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked by machines, often without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# Whose X-Forwarded-For and X-Forwarded-Proto uvicorn believes: without a proxy nobody's.
FORWARDED_ALLOW_IPS = env.str("FORWARDED_ALLOW_IPS", default="127.0.0.1" if HTTPS else "")
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.switch("HSTS_SUBDOMAINS", default=HTTPS)
# Browsers' lists of preloaded hosts are for the owner of a whole domain to decide about; this application never asks.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PLOTLY_STYLE_SHEETS = [
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",  # the empty <style> that it fills from script
    "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='",  # the style sheet of its map module
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "style-src-elem": [SELF, *PLOTLY_STYLE_SHEETS],
        "style-src-attr": [UNSAFE_INLINE],  # Plotly writes style attributes on its own SVG
        "img-src": [SELF, "data:", "blob:"],  # Plotly's "download as PNG" draws through a blob
        "connect-src": [SELF],  # includes the websocket of the same host
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

METRICS_TOKEN = env.token("METRICS_TOKEN", least=24)  # whom /metrics answers besides this machine itself

# --- applications ---------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_tables2",
    "django_filters",
    "ninja",
    "axes",
    "searchapp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "searchapp.log_context.LogContextMiddleware",
]
ROOT_URLCONF = "nosweb.urls"
ASGI_APPLICATION = "nosweb.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- database -------------------------------------------------------------------------------------------------------
SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(VAR_DIR / "nos.sqlite3")}
DATABASES = {"default": env.database("DATABASE_URL", default=SQLITE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == SQLITE["ENGINE"]:
    # Several processes write: readers never wait (WAL), writers queue up instead of failing half-way (IMMEDIATE).
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        timeout=20,
        transaction_mode="IMMEDIATE",
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    )
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

RETENTION_DAYS = env.days("RETENTION_DAYS")  # events of searches that are over go after that; 0: they stay

# --- Redis: Celery's queues and the hints of the live page -----------------------------------------------------------
REDIS_IS_EMBEDDED = not env.redis_url("REDIS_URL")
REDIS_URL = env.redis_url("REDIS_URL") or redis_address.embedded(VAR_DIR)
REDIS_PREFIX = env.str("REDIS_PREFIX", default="nos")  # several installations may share one Redis
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # The layer waits five seconds for a message; the client's own limit of five would end that as an error.
            "hosts": [{"address": REDIS_URL, "socket_timeout": 30}],
            "prefix": f"{REDIS_PREFIX}:channels",
            "capacity": 200,  # hints only: what is dropped is read from the database a moment later
            "expiry": 20,  # seconds
        },
    },
}

# --- Celery ---------------------------------------------------------------------------------------------------------
# Redis gives a message again to another worker once it is this old, running or not. Claims make that harmless; the
# limit is far above any task so that it stays rare. All three settings must be alike.
VISIBILITY_TIMEOUT = env.seconds("VISIBILITY_TIMEOUT", default=4 * 3600)  # seconds
CELERY_BROKER_URL = redis_address.for_celery(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": VISIBILITY_TIMEOUT,
    "global_keyprefix": f"{REDIS_PREFIX}:celery:",
    "socket_timeout": 30,  # seconds
    "socket_connect_timeout": 5,  # seconds
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": VISIBILITY_TIMEOUT}
CELERY_VISIBILITY_TIMEOUT = VISIBILITY_TIMEOUT
CELERY_TASK_IGNORE_RESULT = True  # results are rows of the database
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 8.0  # seconds
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_TASK_DEFAULT_QUEUE = "control"
CELERY_TASK_ROUTES = {"searchapp.tasks.train_child": {"queue": "children.default"}}  # callers name another queue

# --- people ---------------------------------------------------------------------------------------------------------
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Who types a wrong password too often waits: by name and address together, so that nobody can lock others out.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says how long, and that stays true
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "nosweb.proxies.client_address"
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # only failures are kept, and only while they count
AXES_VERBOSE = False

# --- static files ---------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "searchapp.staticfinders.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "nosweb.static_storage.HashedModulesStorage"},
}

# --- language, time, log --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
DJANGO_TABLES2_TEMPLATE = "django_tables2/table.html"
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.choice("LOG_FORMAT", ("text", "json"))
logging.captureWarnings(LOG_FORMAT == "json")  # else they would stand between the lines
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"},
        "json": {"()": "searchapp.log_context.OneLine"},
    },
    "filters": {"subject": {"()": "searchapp.log_context.SubjectFilter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["subject"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # uvicorn brings handlers of its own; one format for all is easier to read.
        "uvicorn": {"handlers": [], "level": "INFO", "propagate": True},
        "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
        "httpx": {"handlers": [], "level": "WARNING", "propagate": True},  # would tell each request of `search remote`
    },
}
