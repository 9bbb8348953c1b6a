"""Settings of the project. What an installation decides comes from the environment: the table is in docs/settings.md.

Without DEBUG this is production: a missing or unsafe setting stops the start with one sentence.
"""

import secrets
from pathlib import Path

import dj_email_url
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from clinic import database, environment, logs

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
NODE_MODULES = BASE_DIR / "node_modules"

# What kind of installation -------------------------------------------------------------------------------------------

DEBUG = environment.flag("DEBUG", False)
CADENCE_DEMO = environment.flag("DEMO", False)
if CADENCE_DEMO and not DEBUG:
    raise ImproperlyConfigured("DEMO shows log-in codes to everyone: unset it, or set DEBUG=1 on a machine of your own.")

# Secrets and addresses -----------------------------------------------------------------------------------------------

SHORTEST_SECRET = 50

if DEBUG:
    SECRET_KEY = environment.text("SECRET_KEY", "") or environment.kept(VAR / "secret_key", secrets.token_urlsafe(50))
    ANSWERS_KEYS = environment.items("ANSWERS_KEYS") or [environment.kept(VAR / "answers_key", Fernet.generate_key().decode())]
    ALLOWED_HOSTS = environment.items("ALLOWED_HOSTS") or ["localhost", ".localhost", "127.0.0.1", "[::1]"]
else:
    NEW_RANDOM_TEXT = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
    SECRET_KEY = environment.required("SECRET_KEY", f"to a long random text, for instance the output of: {NEW_RANDOM_TEXT}")
    if len(SECRET_KEY) < SHORTEST_SECRET or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure-"):
        raise ImproperlyConfigured(f"SECRET_KEY is too easy to guess: set it to the output of: {NEW_RANDOM_TEXT}")
    environment.required("ALLOWED_HOSTS", "to the host names of the site, separated by commas, such as booking.example.com")
    ALLOWED_HOSTS = environment.items("ALLOWED_HOSTS")
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS is “*”, which lets anyone forge links in our e-mails: write the site's host names."
        )
    NEW_KEY = "python3 -c 'import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())'"
    environment.required(
        "ANSWERS_KEYS", f"to the keys that encrypt medical answers, newest first; one is the output of: {NEW_KEY}"
    )
    ANSWERS_KEYS = environment.items("ANSWERS_KEYS")

for key in ANSWERS_KEYS:
    try:
        Fernet(key)
    except ValueError as error:
        raise ImproperlyConfigured(
            "ANSWERS_KEYS holds something that is no key: each is the base64 text of 32 random bytes, as Fernet.generate_key() makes it."
        ) from error

# Where the links in our e-mails lead.
OWN_ADDRESS = f"http://localhost:{environment.text('PORT', '8000')}" if DEBUG else f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
SITE_URL = (environment.text("SITE_URL", "") or OWN_ADDRESS).rstrip("/")

# What the legal notice must name besides the clinic.
PUBLICATION_DIRECTOR = environment.text("PUBLICATION_DIRECTOR", "")
HOSTED_BY = environment.text("HOSTED_BY", "")
# Shown with our own failures, when the clinic cannot be asked for its phone.
CLINIC_PHONE = environment.phone("CLINIC_PHONE")
CSRF_TRUSTED_ORIGINS = environment.items("CSRF_TRUSTED_ORIGINS")
PROXIES = environment.number("PROXIES", 0, least=0, most=9)  # how many stand before us and set X-Forwarded-For, -Proto

# The project ---------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "modeltranslation",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "phonenumber_field",
    "csp",
    "clinic",
    "treatments",
    "bookings",
]

MIDDLEWARE = [
    "clinic.logs.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.security.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinic.accounts.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinic.views.errors.OwnPagesMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.context.clinic",
            ],
            "builtins": ["clinic.templatetags.dates"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# Data ----------------------------------------------------------------------------------------------------------------

DATABASE_URL = environment.text("DATABASE_URL", "")
if not DATABASE_URL and not DEBUG:
    raise ImproperlyConfigured(f"Set DATABASE_URL to the address of the PostgreSQL database: {database.ADDRESS_FORM}")
DATABASES = {"default": database.config(DATABASE_URL or database.start(VAR / "postgres"))}

# Rate limits must count alike in every worker, so the cache is a table; `migrate` makes it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # a full table forgets entries at random
    }
}

# Languages and time --------------------------------------------------------------------------------------------------

LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LANGUAGE_CODE = "fr"  # when the browser asks for neither
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["clinic.formats"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "fr"
MODELTRANSLATION_LANGUAGES = ("fr", "en")
MODELTRANSLATION_FALLBACK_LANGUAGES = ("fr", "en")
TIME_ZONE = "Europe/Paris"
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "FR"

# Who may come in: by a code sent to the e-mail address, or a passkey; nobody has a password to lose -------------------

AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend", "clinic.access.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"

SECOND_FACTOR_FOR_STAFF = not CADENCE_DEMO

ACCOUNT_ADAPTER = "clinic.accounts.AccountAdapter"
ACCOUNT_FORMS = {"request_login_code": "clinic.accounts.RequestCodeForm", "confirm_login_code": "clinic.accounts.ConfirmCodeForm"}
# Codes per network and, except for the demo's few log-ins that everybody tries, per e-mail address. Three guesses each:
# 90 a day for one address, of a million codes.
CODES = ["20/m/ip", "200/h/ip"] + ([] if CADENCE_DEMO else ["3/m/key", "10/h/key", "30/d/key"])
ACCOUNT_RATE_LIMITS = {"request_login_code": ",".join(CODES)}
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60  # seconds
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEBUG else "https"
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Cadence"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG

# What browsers may do ------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its icons as data: images
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Only for staff, under /admin/: the admin's look is built with Alpine, which evaluates attributes and sets styles.
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}

CSRF_FAILURE_VIEW = "clinic.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # health data, and machines that several people use
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds

SECURE_SSL_REDIRECT = not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # load balancers ask without TLS
SECURE_HSTS_SECONDS = 0 if DEBUG else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # to be in the browsers' preload list is for the owner of the domain to decide
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Files we serve ------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap/css", NODE_MODULES / "bootstrap" / "dist" / "css"),
    ("vendor/fraunces/files", NODE_MODULES / "@fontsource" / "fraunces" / "files"),
    ("vendor/inter/files", NODE_MODULES / "@fontsource" / "inter" / "files"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# E-mail --------------------------------------------------------------------------------------------------------------

MAIL_FORM = "submission://user:password@mail.example.com:587"
if DEBUG:
    EMAIL_URL = environment.text("EMAIL_URL", "") or "file:"
    DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "Cadence <cadence@localhost>")
else:
    EMAIL_URL = environment.required("EMAIL_URL", f"to the server that sends our e-mail: {MAIL_FORM}")
    DEFAULT_FROM_EMAIL = environment.required(
        "DEFAULT_FROM_EMAIL", "to the sender's address, such as Clinic <clinic@example.com>"
    )
SERVER_EMAIL = DEFAULT_FROM_EMAIL

try:
    MAIL = dj_email_url.parse(EMAIL_URL)
    EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
except (KeyError, ValueError) as error:
    raise ImproperlyConfigured(f"EMAIL_URL is not the address of a mail server: write it as {MAIL_FORM}") from error
EMAIL_HOST, EMAIL_PORT = MAIL["EMAIL_HOST"], MAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL["EMAIL_HOST_USER"], MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL["EMAIL_USE_SSL"], MAIL["EMAIL_USE_TLS"]
EMAIL_TIMEOUT = MAIL["EMAIL_TIMEOUT"] or 20  # seconds
EMAIL_FILE_PATH = MAIL["EMAIL_FILE_PATH"] or VAR / "mail"

# Logs ----------------------------------------------------------------------------------------------------------------

LOGGING = logs.config(json=not DEBUG)

# The admin's look: deep sage on warm grey, as on the site --------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Cadence",
    "SITE_HEADER": "Cadence",
    "SITE_SYMBOL": "spa",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/favicon.svg")}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"show_search": False, "navigation": "clinic.admin.navigation"},
    "THEME": "light",
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .010 165)",
            "100": "oklch(94.5% .020 165)",
            "200": "oklch(89% .035 165)",
            "300": "oklch(81% .050 165)",
            "400": "oklch(68% .060 165)",
            "500": "oklch(55% .060 165)",
            "600": "oklch(43.5% .055 165)",
            "700": "oklch(37.5% .048 165)",
            "800": "oklch(32% .040 165)",
            "900": "oklch(27.5% .033 165)",
            "950": "oklch(19.5% .024 165)",
        },
    },
}
