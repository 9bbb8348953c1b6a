"""Settings from the environment: typed readers that fail loudly.

An unreadable or missing value raises `ImproperlyConfigured` with one sentence that says what to do.
"""

import os
from pathlib import Path

import phonenumbers
from django.core.exceptions import ImproperlyConfigured

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off", ""})


def text(name: str, default: str) -> str:
    """The variable as it stands, without surrounding blanks."""
    return os.environ.get(name, default).strip()


def required(name: str, hint: str) -> str:
    """The variable, which must not be empty; `hint` finishes the sentence "Set NAME …"."""
    value = text(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name} {hint}")
    return value


def flag(name: str, default: bool) -> bool:
    """1, true, yes, on or 0, false, no, off; anything else is refused."""
    if name not in os.environ:
        return default
    value = text(name, "").lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} is “{value}”: write 1 for yes or 0 for no.")
    return value in YES


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number between `least` and `most`, both included."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is “{value}”: write a whole number from {least} to {most}.")
    return int(value)


def phone(name: str) -> str:
    """A phone number in international form, as +33142000000; empty when it is not set."""
    value = text(name, "")
    if not value:
        return ""
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ImproperlyConfigured(f"{name} is “{value}”: write an international phone number, such as +33 1 42 00 00 00.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def items(name: str) -> list[str]:
    """A comma-separated list; empty entries are dropped."""
    return [part.strip() for part in text(name, "").split(",") if part.strip()]


def kept(path: Path, value: str) -> str:
    """A development secret: the content of `path`, which is written with `value` the first time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip() or value
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(value)
    return value
