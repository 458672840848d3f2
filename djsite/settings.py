"""Settings: one file, one reader of the environment, a sentence for each variable (docs/configuration.md).

Unset means the embedded mode: everything lives below ``CRAWLBEAT_DATA``, with SQLite and a Valkey on a
unix socket. ``DATABASE_URL`` and ``REDIS_URL`` select servers.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.reading.own_code import names
from djsite import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("CRAWLBEAT_DATA", str(BASE_DIR / "var"))).absolute()
names.look_in(DATA_DIR / "extractors")

DEBUG = env.boolean("CRAWLBEAT_DEBUG")
SECRET_KEY = env.text("SECRET_KEY")  # the embedded mode makes and keeps its own
if not SECRET_KEY:
    SECRET_KEY = env.key_file(DATA_DIR / "secret_key", "everybody signs in again")
SECRETS_KEYS = env.words("CRAWLBEAT_SECRETS_KEYS")  # seal secrets at rest; the first seals, all open
SECRETS_KEY_FILE = str(DATA_DIR / "secrets_key")  # where the embedded mode makes and keeps its own
if not SECRETS_KEYS:
    env.key_file(Path(SECRETS_KEY_FILE), "secret headers of seeds must be written anew")
LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or LOOPBACK_NAMES
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
CSRF_FAILURE_VIEW = "djsite.browse.views.errors.old_form"

INSTALLED_APPS = [
    "catalog.apps.CatalogConfig",
    "scheduler.apps.SchedulerConfig",
    "djsite.browse.apps.BrowseConfig",
    "djsite.browse.apps.CrawlbeatAdminConfig",  # autodiscover runs in djsite.urls: workers hold no views
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_celery_results",
]
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "djsite.browse.static_files.ServeStaticFiles",
    "djsite.browse.middleware.ContentSecurityPolicy",
    "djsite.api.door.ApiDoor",  # before sessions: the API takes tokens only
    "djsite.browse.middleware.NoNulls",
    "djsite.browse.middleware.LoginForFragments",
    "djsite.browse.middleware.WordsForMethods",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    LOGIN_REQUIRED,
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "djsite.urls"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database -------------------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL")
# "threads": the process's threads share a pool; "single": one kept connection. Set at its start.
PROCESS_KIND = env.text("CRAWLBEAT_PROCESS", "single")
POOL = env.integer("CRAWLBEAT_POOL", 16, minimum=1)  # connections of the pool, at most
SQLITE_PATIENCE = 20_000  # milliseconds that a writer waits for another


def _sqlite() -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(DATA_DIR / "crawlbeat.sqlite3"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",  # a writer waits at BEGIN, never fails later
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
            f"PRAGMA busy_timeout={SQLITE_PATIENCE};PRAGMA temp_store=MEMORY;PRAGMA cache_size=-4000;"
            "PRAGMA journal_size_limit=67108864",  # a journal that has grown larger is cut to this
        },
    }


def _postgresql() -> dict[str, Any]:
    database = env.postgresql("DATABASE_URL")
    if PROCESS_KIND != "threads":
        return {**database, "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 600}
    options = {**database["OPTIONS"], "pool": {"min_size": 1, "max_size": POOL, "timeout": 10}}
    return {**database, "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 0, "OPTIONS": options}


DATABASES = {"default": _postgresql() if DATABASE_URL else _sqlite()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis: a server, or the embedded Valkey on the socket that the command line names -------------
REDIS_SERVER_URL = env.text("REDIS_URL")  # empty: the embedded one
REDIS_SOCKET = env.text("CRAWLBEAT_REDIS_SOCKET", str(DATA_DIR / "valkey.sock"))
REDIS_URL = REDIS_SERVER_URL or f"unix://{REDIS_SOCKET}"

# Archive and exports: Django's storage API; a folder, or S3 with CRAWLBEAT_S3_BUCKET ------------------------
S3_BUCKET = env.text("CRAWLBEAT_S3_BUCKET")
ARCHIVE_ON_S3 = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "endpoint_url": env.text("CRAWLBEAT_S3_ENDPOINT") or None,
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": True,
        "max_memory_size": 16_000_000,  # bytes of an object that is read; more of it lies on the disk
        # without it .gz becomes a Content-Encoding, and clients that unpack it break the offsets of records
        "object_parameters": {"ContentType": "application/octet-stream"},
    },
}
ARCHIVE_IN_FOLDER = {
    "BACKEND": "catalog.storage.WholeFileStorage",
    "OPTIONS": {"location": env.text("CRAWLBEAT_ARCHIVE", str(DATA_DIR / "archive"))},
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "djsite.browse.static_files.StaticFiles"},
    "archive": ARCHIVE_ON_S3 if S3_BUCKET else ARCHIVE_IN_FOLDER,
}

# Web ------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # only the container image runs collectstatic
STATIC_ROOT = str(BASE_DIR / "static")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"max_similarity": 0.5},  # a short name twice is no password
    },
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 86400  # seconds that the link of an invitation is good for
METRICS_TOKEN = env.text("CRAWLBEAT_METRICS_TOKEN")  # with it anybody reads /metrics and all of /health/
SESSION_COOKIE_HTTPONLY = True
HTTPS = env.boolean("CRAWLBEAT_HTTPS")  # a proxy in front ends TLS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 86400 if HTTPS else 0
SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^metrics$"]  # monitors ask without the proxy, from the inside
X_FRAME_OPTIONS = "DENY"
PAGE_THREADS = 4
SITE_THREADS = env.integer("CRAWLBEAT_CONCURRENCY", PAGE_THREADS, minimum=1)  # for pages
DOWNLOAD_THREADS = 2  # for downloads; one whose client reads slowly holds none
API_THREADS = 8  # for programs; half of them may wait for a page that is fetched
HEALTH_THREADS = 2  # for monitors: they get an answer however much the site has to do
SEND_SECONDS = 60.0  # a client that reads nothing for so long is cut off
SECURE_CONTENT_TYPE_NOSNIFF = True

# Signing in by a provider and second factors, with the extra ``sso`` (docs/how-to/sign-in.md) -------------
SSO = env.boolean("CRAWLBEAT_SSO")
OIDC_ISSUER = env.issuer("CRAWLBEAT_OIDC_ISSUER")
OIDC_CLIENT_ID = env.text("CRAWLBEAT_OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("CRAWLBEAT_OIDC_CLIENT_SECRET")
OIDC_NAME = env.text("CRAWLBEAT_OIDC_NAME") or urlsplit(OIDC_ISSUER).hostname or ""  # what its button says
OIDC_SCOPES = ["openid", *env.words("CRAWLBEAT_OIDC_SCOPES", "email,profile")]
OIDC_NETWORKS = env.networks("CRAWLBEAT_OIDC_NETWORKS")  # where the provider may be, besides the public net
OIDC_ROLE_CLAIM = env.text("CRAWLBEAT_OIDC_ROLE_CLAIM", "groups")
OIDC_ROLES = env.pairs("CRAWLBEAT_OIDC_ROLES", ("viewer", "operator", "administrator"))
OIDC_JOIN = env.choice("CRAWLBEAT_OIDC_JOIN", ("viewer", "operator"))  # the role of people nobody invited
if SSO:
    env.libraries("CRAWLBEAT_SSO", "sso", ("joserfc", "pyotp", "segno"))
    INSTALLED_APPS.append("djsite.sso.apps.SsoConfig")
    MIDDLEWARE.insert(MIDDLEWARE.index(LOGIN_REQUIRED), "djsite.sso.middleware.SecondFactors")
    TEMPLATES[0]["OPTIONS"]["context_processors"].append("djsite.sso.context.sso")
elif OIDC_ISSUER:
    raise env.BadSetting("CRAWLBEAT_OIDC_ISSUER: it needs CRAWLBEAT_SSO=yes, and the extra sso")
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise env.BadSetting("CRAWLBEAT_OIDC_ISSUER: it needs CRAWLBEAT_OIDC_CLIENT_ID and _CLIENT_SECRET, too")

# Crawling -------------------------------------------------------------------------------------------------
PRODUCT = "Crawlbeat"
VERSION = "0.1.0"
CONTACT_URL = env.text("CRAWLBEAT_CONTACT", "https://example.org/set-CRAWLBEAT_CONTACT")
USER_AGENT = f"{PRODUCT}/{VERSION} (+{CONTACT_URL})"
FETCH_DEADLINE = env.number("CRAWLBEAT_FETCH_DEADLINE", 30)
MAX_BODY_BYTES = env.integer("CRAWLBEAT_MAX_BODY_BYTES", 10_000_000, minimum=1000)
MAX_CRAWL_DELAY = 60.0  # seconds; a longer Crawl-delay of robots.txt counts as this
MAX_RETRY_AFTER = 3600.0  # seconds; so does a longer Retry-After
SESSION_SECONDS = 15.0  # a fetch session's length
SESSION_HOSTS = env.integer("CRAWLBEAT_SESSION_HOSTS", 512, minimum=1)  # hosts a session leases at most
SESSION_REQUESTS = env.integer("CRAWLBEAT_SESSION_REQUESTS", 128, minimum=1)  # requests under way at most
BATCH_PAGES = 128  # at most
MAX_OPEN_BATCHES = 64  # fetching waits above this
VISIT_RETENTION_DAYS = env.integer("CRAWLBEAT_VISIT_RETENTION_DAYS", 30, minimum=1)
RUN_RETENTION_DAYS = env.integer("CRAWLBEAT_RUN_RETENTION_DAYS", 365, minimum=1)
EXPORT_RETENTION_DAYS = env.integer("CRAWLBEAT_EXPORT_RETENTION_DAYS", 30, minimum=1)
PRUNE_SECONDS = 3600.0  # how often rows and files that are no longer needed are deleted

# How soon lost work is noticed and done again, in seconds. Tests shorten all of it together by the scale, and
# back-off with it.
TIME_SCALE = env.number("CRAWLBEAT_TIME_SCALE", 1.0)
SESSION_IDLE_SECONDS = 2 * TIME_SCALE  # a session without due work ends, or gives a host back, after this
HOST_LEASE_SECONDS = 30 * TIME_SCALE  # a host is free again so long after its session was last heard of
BATCH_DUE_SECONDS = 60 * TIME_SCALE  # a batch that is not stored by then is published again
WORK_LEASE_SECONDS = 60 * TIME_SCALE  # an export or a prune is taken over so long after its worker died
SWEEP_SECONDS = 5 * TIME_SCALE  # how often the sweep looks for work of lost messages
RECONCILE_SECONDS = 20 * TIME_SCALE  # the clock's entries are compared with the seeds this often
HEARTBEAT_SECONDS = 10 * TIME_SCALE  # each process gives a sign of life this often
BEAT_LOOP_SECONDS = 5 * TIME_SCALE  # beat looks for new entries this often
BEAT_LOCK_SECONDS = 30 * TIME_SCALE  # a standby beat takes over after it
LATE_SECONDS = 300 * TIME_SCALE  # a slot opened later missed its time

# Workers. Not scaled: a machine is no faster in a test. Seconds.
PARSE_SECONDS = 60  # a parser that takes longer is killed
TASK_SOFT_SECONDS = 240  # any other task in a process pool is asked to end,
TASK_SECONDS = 300  # and is killed
STALL_SECONDS = 30.0  # a worker whose main loop stands still, with Redis there, ends
SHUTDOWN_SECONDS = env.number("CRAWLBEAT_SHUTDOWN_SECONDS", 20)  # then a stopping worker hands its tasks back
SEND_EVENTS = env.boolean("CRAWLBEAT_EVENTS")  # of workers, for Flower

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("CRAWLBEAT_LOG_LEVEL", "INFO")},
}

UNKNOWN_VARIABLES = env.unknown_variables()  # for the doctor; misspelt ones are refused
