"""The documentation builds without a warning, and holds every clause, parameter, reading and case."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from openfisca_jining.clauses.register import clauses
from openfisca_jining.instruments import instruments
from openfisca_jining.law import leaves

ROOT = Path(__file__).parent.parent
#: What a browser fetches to show a page. Links that a reader follows are no requests.
FETCHED = re.compile(
    r'<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)="([^"]+)"|url\(["\']?([^"\')]+)|@import "([^"]+)"'
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site. Notebooks are left out: ``tests/notebooks`` runs them."""
    out = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-t", "without_notebooks"]
    run = subprocess.run(
        [*command, "-d", out / "doctrees", ROOT / "docs", out / "site"], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return out / "site"


@pytest.fixture(scope="module")
def pages(site):
    """Text of every page."""
    return {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}


def ids(text):
    return set(re.findall(r'\bid="([^"]+)"', text))


def of(pages, site, name):
    return pages[site / "generated" / name]


def test_every_clause_has_its_section_with_what_belongs_to_it(site, pages, system):
    parameters = {parameter.name for parameter in leaves(system.parameters)}
    for entry in clauses():
        page = of(pages, site, f"clauses/{entry['document']}.html")
        start = page.index(f'id="clause-{entry["id"].lower()}"')
        end = page.find('id="clause-', start + 1)
        section = page[start:end] if end > 0 else page[start:]
        assert entry["locator"] in unescape(section), entry["id"]
        for path in entry.get("parameters", []):
            own = [name for name in parameters if f"{name}.".startswith(f"{path}.")]
            assert any(name in section for name in own), (entry["id"], path)
        for name in entry.get("variables", []):
            assert f"#variable-{re.sub('_+', '-', name)}" in section, (entry["id"], name)
        for path in entry["readings"]:
            assert path.replace(".readings.", ".") in section, (entry["id"], path)


def test_every_parameter_is_on_a_page(site, pages, system):
    register = "".join(text for path, text in pages.items() if path.parent.name == "clauses")
    readings = of(pages, site, "readings.html")
    for parameter in leaves(system.parameters):
        if parameter.metadata.get("readings"):
            assert parameter.name.replace(".readings.", ".") in readings, parameter.name
            assert all(value in readings for value in parameter.metadata["readings"]), parameter.name
        else:
            assert f">{parameter.name}<" in register, parameter.name
        if parameter.metadata.get("unstated"):
            assert parameter.name in of(pages, site, "unstated.html"), parameter.name


def test_every_case_is_on_a_page_and_every_citation_links_to_it(site, pages):
    sys.path.insert(0, str(ROOT / "docs"))
    from pages import cases

    assert len(cases()) == sum(
        len(re.findall(r"^- name:", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in (ROOT / "tests").rglob("*.yaml")
        if not path.is_relative_to(ROOT / "tests" / "notebooks")
    )
    document = {entry["id"]: entry["document"] for entry in clauses()} | {"national": "national"}
    for path, label, case, _ in cases():
        page = of(pages, site, f"cases/{path.with_suffix('.html')}")
        assert f'id="{label}"' in page, case["name"]
        for entry in case["keywords"]:
            assert f"#{label}" in of(pages, site, f"clauses/{document[entry]}.html"), (entry, case["name"])


def test_every_instrument_is_described(site, pages, system):
    text = of(pages, site, "instruments.html")
    assert [one.label for one in instruments(system) if one.label not in text] == []


def test_links_lead_somewhere(pages):
    known = {path: ids(text) for path, text in pages.items()}
    broken = []
    for path, text in pages.items():
        for link in set(re.findall(r'<(?:a|img|link|script)\b[^>]*?\b(?:href|src)="([^"]+)"', text)):
            parts = urlsplit(unescape(link))
            if parts.scheme or not (parts.path or parts.fragment):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target in known and (not parts.fragment or unquote(parts.fragment) in known[target])
            if not there and not (target.is_file() and target.suffix != ".html"):
                broken.append((path.name, link))
    assert broken == []


def test_nothing_is_fetched_from_outside(site, pages):
    texts = [*pages.values(), *(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))]
    fetched = {next(filter(None, groups)) for text in texts for groups in FETCHED.findall(text)}
    assert [one for one in fetched if urlsplit(one).scheme not in ("", "data") or one.startswith("//")] == []


def test_search_finds_chinese_words(site):
    sys.path.insert(0, str(ROOT / "docs"))
    from chinese_search import PairsOfCharacters

    language = PairsOfCharacters({})
    assert language.split("设备补助 rate_up，年") == ["设备", "备补", "补助", "rate_up", "年"]
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert all(json.dumps(pair) in index for pair in ("备补", "零土", "贴息"))


def test_the_picture_is_small():
    sizes = {path.name: path.stat().st_size for path in (ROOT / "docs" / "pictures").iterdir()}
    assert sizes
    assert [name for name, size in sizes.items() if size > 200_000] == []
