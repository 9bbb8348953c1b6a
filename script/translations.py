"""Translations without system tools: compile them, and check that French is complete.

python script/translations.py compile    locale/*/LC_MESSAGES/*.po → .mo, where the .po is newer
python script/translations.py check      no empty, fuzzy or mismatched French sentence, none missing
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")
APPS = ("clinic", "treatments", "bookings")
SOURCES = (*APPS, "templates", "static")
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "pgettext_lazy"}


def compile_all() -> None:
    """Write each .mo that is missing or older than its .po; raises OSError when a .po cannot be read."""
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))


def problems() -> Iterator[str]:
    """What keeps the French from being complete, one line each."""
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        for entry in polib.pofile(str(source)):
            if not entry.obsolete:
                yield from (f"{source.relative_to(ROOT)}: {problem}: {entry.msgid!r}" for problem in faults(entry))
    yield from unseen()
    if shutil.which("xgettext"):
        yield from missing()
    else:
        print("xgettext is not installed: whether a sentence is missing from locale/ was NOT checked.", file=sys.stderr)


def faults(entry: polib.POEntry) -> Iterator[str]:
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if entry.fuzzy:
        yield "fuzzy"
    if not all(texts):
        yield "empty"
        return
    wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
    if any(not set(PLACEHOLDER.findall(text)) <= wanted for text in texts):
        yield "a placeholder that the English does not have"
    if wanted - set.union(*(set(PLACEHOLDER.findall(text)) for text in texts)):
        yield "a placeholder is lost"


def unseen() -> Iterator[str]:
    """Sentences inside f-strings, where xgettext does not look: nobody would translate them."""
    for path in sorted(path for name in APPS for path in (ROOT / name).rglob("*.py")):
        for line, sentence in inside_f_strings(path.read_text()):
            yield f"{path.relative_to(ROOT)}:{line}: not found inside an f-string: {sentence}"


def inside_f_strings(source: str) -> Iterator[tuple[int, str]]:
    """Each marked sentence that stands inside an f-string: its line, and how it is written."""
    for text in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr)):
        for call in (node for node in ast.walk(text) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in MARKS:
                yield call.lineno, ast.unparse(call)


def missing() -> Iterator[str]:
    """Sentences that Django's makemessages finds in the code and locale/ does not hold; looked for in a copy."""
    known = {
        sentence(entry)
        for source in LOCALE.glob("fr/LC_MESSAGES/django.po")
        for entry in polib.pofile(str(source))
        if not entry.obsolete
    }
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in SOURCES:
            if (ROOT / name).exists():
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "migrations"))
        (copy / "locale").mkdir()
        command = [sys.executable, "-m", "django", "makemessages", "--locale=fr", "--no-location", "--verbosity=0"]
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        subprocess.run(command, cwd=copy, env=environment, check=True)
        for entry in polib.pofile(str(copy / "locale" / "fr" / "LC_MESSAGES" / "django.po")):
            if sentence(entry) not in known:
                yield f"locale/fr lacks: {entry.msgid!r}"


def sentence(entry: polib.POEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


def main() -> None:
    match sys.argv[1:]:
        case ["compile"]:
            compile_all()
        case ["check"]:
            found = list(problems())
            print("\n".join(found))
            sys.exit(bool(found))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
