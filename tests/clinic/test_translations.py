"""The check that keeps the French complete finds what it should find."""

import re
import shutil
from pathlib import Path

import polib
import pytest
import unfold

from clinic.admin.words import WORDS
from script import translations


def fault(msgid: str, *texts: str, plural: str = "", fuzzy: bool = False) -> list[str]:
    entry = polib.POEntry(msgid=msgid, flags=["fuzzy"] if fuzzy else [])
    if plural:
        entry.msgid_plural, entry.msgstr_plural = plural, dict(enumerate(texts))
    else:
        entry.msgstr = texts[0]
    return list(translations.faults(entry))


def test_a_good_sentence_has_no_fault():
    assert fault("Hello %(name)s", "Bonjour %(name)s") == []
    assert fault("one session", "une séance", "%(n)s séances", plural="%(n)s sessions") == []
    assert fault("{} free", "{} libres") == []


def test_each_fault_is_named():
    assert fault("Hello", "Bonjour", fuzzy=True) == ["fuzzy"]
    assert fault("Hello", "") == ["empty"]
    assert fault("one session", "une séance", "", plural="%(n)s sessions") == ["empty"]
    assert fault("Hello %(name)s", "Bonjour") == ["a placeholder is lost"]
    assert fault("Hello", "Bonjour %(name)s") == ["a placeholder that the English does not have"]


def test_a_sentence_inside_an_f_string_is_found():
    source = """\nfirst = _("Seen")\nsecond = f"{first}: {_('Not seen')}"\nthird = f"{len('_')}" + _("Seen")\n"""
    assert list(translations.inside_f_strings(source)) == [(3, "_('Not seen')")]


AMERICAN = re.compile(
    r"\b(?:(?!siz|priz|seiz)\w+(?<!s)iz(?:e|ed|es|ing|ations?)|colors?|gray|centers?|neighbors?|canceled)\b", re.IGNORECASE
)


def test_the_english_of_the_site_is_british():
    sentences = [entry.msgid for entry in polib.pofile(str(translations.LOCALE / "fr" / "LC_MESSAGES" / "django.po"))]

    assert [sentence for sentence in sentences if AMERICAN.search(sentence)] == []


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one template, with its French beside it."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{% load i18n %}{% translate "Hello" %}{% translate "Good-bye" %}')
    source = tmp_path / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    catalogue.append(polib.POEntry(msgid="Hello", msgstr="Bonjour"))
    catalogue.save(str(source))
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "LOCALE", tmp_path / "locale")
    return source


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="xgettext is not installed")
def test_a_sentence_that_is_nowhere_in_the_french_is_found(project):
    assert list(translations.problems()) == ["locale/fr lacks: 'Good-bye'"]


def test_compiling_writes_what_is_newer_and_nothing_else(project):
    translations.compile_all()
    compiled = project.with_suffix(".mo")
    assert polib.mofile(str(compiled)).find("Hello").msgstr == "Bonjour"

    compiled.write_bytes(b"untouched")
    translations.compile_all()

    assert compiled.read_bytes() == b"untouched"


def test_the_themes_sentences_that_we_translate_are_still_its_own():
    folder = Path(unfold.__file__).parent
    said = "".join(path.read_text() for suffix in ("html", "py") for path in folder.rglob(f"*.{suffix}"))

    assert [word for word in WORDS if f'"{word}"' not in said and f"'{word}'" not in said] == []
