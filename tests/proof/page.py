"""docs/trust.md from docs/proof.json: nothing on the page is typed by hand."""

from __future__ import annotations

import json

from tests.proof.parts import PARTS, ROOT, Part

RESULTS = ROOT / "docs" / "proof.json"
PAGE = ROOT / "docs" / "trust.md"
HEAD = """# Why believe the figures 为什么可以相信这些数

Every figure on this page was printed by the command beside it and put here by `python -m tests.proof` (`make proof`). 本页的每个数都由旁边的命令打印，由
`make proof` 写入，没有手工加的内容。CI runs the quick half with every change: all tests, 5,000 enterprises of the second implementation, a sample of
the parameters' mutants, ten seconds of load. Fuzzing is left to `make proof`. The whole takes some hours on two cores. Run one part again with `python -m tests.proof --only NAME`.

The machine that these figures come from was shared with other work; seconds say little.
"""


def rendered(results: dict) -> str:
    """The page as text. :param results: part -> what its last run gave."""
    lines = [HEAD]
    for part in PARTS:
        lines += section(part, results.get(part.name))
    return "\n".join(lines).rstrip() + "\n"


def section(part: Part, result: dict | None) -> list[str]:
    """A part: what it tries, its command, its figures."""
    lines = [f"## {part.title[1]} {part.title[0]}", "", part.about, ""]
    if part.more:
        lines += [f"Details: [{part.more}]({part.more}).", ""]
    lines += ["```text", f"python -m {' '.join(part.command)}", "```", ""]
    if result is None:
        return [*lines, "Not run yet. 尚未运行。", ""]
    state = "as it should" if result["status"] == 0 else f"exit status {result['status']}"
    if result["figures"].get("looked up") == 0:
        state = "nothing could be looked up, so nothing is shown 什么也没有查到，不能说明什么"
    lines += [f"{result['day']}, commit `{result['commit']}`, {result['seconds']} s: {state}.", ""]
    single = {name: value for name, value in result["figures"].items() if not isinstance(value, dict)}
    lines += table([""], {name: [value] for name, value in single.items() if value is not None})
    for name, rows in result["figures"].items():
        if isinstance(rows, dict):
            heads = list(dict.fromkeys(head for row in rows.values() for head in row))
            lines += table(heads, {key: [row.get(head, "") for head in heads] for key, row in rows.items()}, name)
    return lines


def table(heads: list[str], rows: dict[str, list], corner: str = "") -> list[str]:
    """A table of figures. :param rows: what stands before a row -> its cells."""
    lines = [[corner, *heads], ["---"] * (1 + len(heads))]
    lines += [[name, *map(shown, cells)] for name, cells in rows.items()]
    return [*(f"| {' | '.join(line)} |".replace("  ", " ") for line in lines), ""]


def shown(value) -> str:
    """A figure as text, thousands apart."""
    text = str(value)
    return f"{int(text):,}" if text.isdigit() else text


def load() -> dict:
    """What has been run."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def write(results: dict) -> None:
    """Results and page."""
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(rendered(results), encoding="utf-8")
