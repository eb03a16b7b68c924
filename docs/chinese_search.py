"""Search that finds Chinese words: the index holds every pair of neighbouring characters. Sphinx alone finds none without a dictionary."""

from __future__ import annotations

import re

from sphinx.search import SearchLanguage, languages

#: A run of Chinese characters, or a word of letters, digits and underscores.
RUNS = re.compile(r"[一-鿿]+|[a-zA-Z0-9_]+")


class PairsOfCharacters(SearchLanguage):
    """「设备补助」 is found as 设备, 备补 and 补助; one character alone is found by itself."""

    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = """
function splitQuery(query) {
  return (query.match(/[\\u4e00-\\u9fff]+|[a-zA-Z0-9_]+/g) || []).flatMap((run) =>
    /^[\\u4e00-\\u9fff]{2,}/.test(run) ? [...run].slice(1).map((one, at) => run[at] + one) : [run]);
}
"""

    def split(self, text: str) -> list[str]:
        """Words and pairs of a text."""
        found = []
        for run in RUNS.findall(text):
            if "一" <= run[0] <= "鿿":
                found += [run[at : at + 2] for at in range(len(run) - 1)] or [run]
            else:
                found.append(run)
        return found

    def word_filter(self, word: str) -> bool:
        """Keep everything but lone letters and numbers, which would only swell the index."""
        return not word.isdigit() and (len(word) > 1 or word >= "一")


def install() -> None:
    """Take the place of Sphinx's own search for Chinese."""
    languages["zh"] = PairsOfCharacters
