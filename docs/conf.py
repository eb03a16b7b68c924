"""How Sphinx builds the documentation: ``make docs``. What is generated: :mod:`pages` and :mod:`notebook_pages`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
FIELD = re.compile(r"(?:^|\s+)(?=:(?:param|ivar|returns?|raises?)\b[^:\n]*:\s)")
sys.path.insert(0, str(HERE))

import chinese_search  # noqa: E402
import notebook_pages  # noqa: E402
import pages  # noqa: E402

project = "openfisca_jining"
author = "openfisca_jining"
language = "zh_CN"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["pictures"]
root_doc = "index"
numfig = False
nitpicky = False

myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
# A register entry, a case or a notebook begins where it must, not where headings would like it to.
# Several modules have a class of the same short name (Part, Search); type hints show it, links to it are not needed.
suppress_warnings = ["myst.header", "ref.python"]
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
add_module_names = False
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "济宁技改奖补：规则、测算、推演"
html_static_path = ["static", *pages.fonts()]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_last_updated_fmt = None
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "friendly"


def _generate(app) -> None:
    """Write what is generated into ``docs/generated``, and nothing that is there already."""
    pages.write()
    notebook_pages.write(execute=not app.tags.has("without_notebooks"))


def _link(app, docname: str, source: list[str]) -> None:
    """Links between files of the repository become links between pages."""
    source[0] = pages.relinked(source[0], Path("docs", f"{docname}.md"))


def _fields(_app, _what, _name, _object, _options, lines: list[str]) -> None:
    """``:param`` and its like may follow each other within a paragraph of a docstring; reStructuredText wants a line for each."""
    blocks = "\n".join(lines).split("\n\n")
    for at, block in enumerate(blocks):
        first, *fields = FIELD.split(block)
        if fields:
            blocks[at] = "\n".join([first, "", *(" ".join(field.split()) for field in fields)])
    lines[:] = [*"\n\n".join(blocks).split("\n"), ""]


def setup(app) -> None:
    """Called by Sphinx."""
    chinese_search.install()
    app.connect("builder-inited", _generate)
    app.connect("source-read", _link)
    app.connect("autodoc-process-docstring", _fields)
