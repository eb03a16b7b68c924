"""Pages made at build time from what the program itself holds: clauses, readings, instruments, formulas, cases, modules.

Everything goes into ``docs/generated`` (not in git). A page is written only if it changes, so that a second build is quick.
"""

from __future__ import annotations

import ast
import datetime
import functools
import importlib
import os
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

import yaml

import openfisca_jining
from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import LEDGER
from openfisca_jining.analysis.explain import declared
from openfisca_jining.clauses.register import clauses, documents
from openfisca_jining.instruments import FUNDS, STAGES, instruments
from openfisca_jining.law import find, leaves

ROOT = Path(__file__).parent.parent
GENERATED = ROOT / "docs" / "generated"
#: Files at the top of the repository that are pages, too.
PAGES = {
    "CONTRIBUTING.md": "contributing",
    "CHANGELOG.md": "changelog",
    "README.md": "readme",
    "README.zh-CN.md": "readme_zh",
}
LINK = re.compile(r"\[([^\[\]]*)\]\((?![a-z]+:|/)([^)\s#]*)(#[^)\s]*)?\)")
#: Front matter of a page that is reached by links only: every page in the tree is in the side bar of every other.
UNLISTED = "---\norphan: true\n---\n\n"
#: A line end between Chinese characters or signs, which a browser would show as a space.
WRAP = re.compile(r"(?<=[一-鿿，。；：、）」？])\n *(?=[一-鿿（「])")
KINDS = {
    "allocation_rule": "分配规则", "award_without_amount": "未写数额的奖励", "budget_pool": "资金池", "eligibility": "申报条件",
    "equity_investment": "股权投资", "exclusion": "排除", "fund": "资金", "grant": "奖补", "interest_subsidy": "贴息",
    "procedural_deadline": "程序和期限", "resource_quota": "资源指标", "selection/ranking": "评选排名", "stacking_rule": "叠加规则",
    "target": "目标", "validity": "有效期",
}  # fmt: skip
STATUS = {"modelled": "已建模", "target": "目标（存为参数，不参与计算）", "recorded": "只作登记"}
COMPARISONS = {"at_least": "及以上", "more_than": "以上（不含本数）", "at_most": "以内", "about": "左右", "equals": ""}
SETTLED_BY = {"text": "条文", "outside rule": "文件之外的规则", "analyst": "分析者", "silent": "条文没有说"}
CASE_FOLDERS = {
    "jining_2017": "济宁 2017", "yanzhou_2020": "兖州 2020", "zaozhuang_2020": "枣庄 2020", "jining_2020": "济宁 2020",
    "shandong_2018": "山东 2018", "national": "文件之外的规则", "reforms": "改革",
}  # fmt: skip
VARIABLE_FOLDERS = {"facts": "事实（申报者填写的）", **CASE_FOLDERS, "totals": "合计"}


def write() -> None:
    """Write every generated page and drop those of an earlier build that have no source any more."""
    written = {GENERATED / name for name, text in every_page() if _put(GENERATED / name, text)}
    for old in GENERATED.rglob("*.md"):
        if old not in written and "notebooks" not in old.parts:
            old.unlink()


def _put(path: Path, text: str) -> bool:
    """Write a page unless it is there already, word for word."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return True


def every_page() -> Iterator[tuple[str, str]]:
    """Name below ``docs/generated`` and MyST text of each page."""
    for source, name in PAGES.items():
        yield (
            f"{name}.md",
            (UNLISTED if name == "readme_zh" else "")
            + relinked((ROOT / source).read_text(encoding="utf-8"), Path(source)),
        )
    yield "glossary.md", glossary()
    for document in documents():
        yield f"clauses/{document}.md", clause_page(document)
    yield "clauses/national.md", national_page()
    yield "readings.md", readings_page()
    yield "unstated.md", unstated_page()
    yield "instruments.md", instruments_page()
    yield from folder_pages("variables", VARIABLE_FOLDERS, "py", formulas)
    yield from folder_pages("cases", CASE_FOLDERS, "yaml", cases_page)
    yield from module_pages()


def fonts() -> list[str]:
    """The Chinese font of the package zhplot, for readers whose system has none."""
    return [str(path) for path in resources.files("zhplot").rglob("NotoSansSC*.ttf")]  # type: ignore[attr-defined]


def relinked(text: str, source: Path) -> str:
    """Text of a file of the repository with its links to other files turned into links between pages.

    :param source: its path below the root. A link to a file that is no page becomes its name.
    """

    def link(found: re.Match) -> str:
        words, path, anchor = found[1], found[2], found[3] or ""
        if not path:
            return found[0]
        target = Path(os.path.normpath(source.parent / path))
        if target.as_posix() in PAGES:
            return f"[{words}](/generated/{PAGES[target.as_posix()]}.md{anchor})"
        below = target.relative_to("docs") if target.parts[0] == "docs" else None
        if below and (below.parts[0] == "generated" or (ROOT / target).exists()):
            return f"[{words}](/{below.as_posix()}{anchor})"
        return words if words.startswith("`") else f"`{words}`"

    return unwrapped(LINK.sub(link, text))


def unwrapped(text: str) -> str:
    """Text whose lines of Chinese are joined without a space, code left alone."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if at % 2 else WRAP.sub("", part) for at, part in enumerate(parts))


# ----- what the program holds -----


@functools.cache
def system():
    """Current law."""
    return CountryTaxBenefitSystem()


def cited(parameter) -> list[str]:
    """Register entries that a parameter cites."""
    clause = parameter.metadata["clause"]
    return [clause] if isinstance(clause, str) else list(clause)


@functools.cache
def cases() -> list[tuple[Path, str, dict, str]]:
    """All YAML cases: path below ``tests``, label, content, text as written."""
    found = []
    for path in sorted((ROOT / "tests").rglob("*.yaml")):
        if path.parent.name not in CASE_FOLDERS:
            continue
        whole, below = path.read_text(encoding="utf-8"), path.relative_to(ROOT / "tests")
        texts = re.split(r"^(?=- name:)", whole, flags=re.MULTILINE)[1:]
        contents = yaml.load(whole, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for number, (text, content) in enumerate(zip(texts, contents, strict=True), 1):
            # 下一个用例之前的小标题不属于这个用例
            text = re.sub(r"(\n#[^\n]*|\n)+\Z", "\n", text)
            found.append((below, f"case-{below.parent}-{below.stem}-{number}".replace("_", "-"), content, text))
    return found


@functools.cache
def cases_by_clause() -> dict[str, list[tuple[Path, str, dict, str]]]:
    """The cases that cite each register entry."""
    found = defaultdict(list)
    for case in cases():
        for entry in case[2]["keywords"]:
            found[entry].append(case)
    return found


@functools.cache
def entries_by_variable() -> dict[str, list[str]]:
    """The register entries that name each variable."""
    found = defaultdict(list)
    for entry in clauses():
        for name in entry.get("variables", []):
            found[name].append(entry["id"])
    return found


# ----- words -----


def shown(value, unit: str) -> str:
    """A value of a parameter as an analyst writes it."""
    if value is None:
        return "**文件未定**"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (str, datetime.date)):
        return str(value)
    if unit in ("/1", "比例"):
        return f"{value * 100:.10g}%"
    if unit.startswith("元") and value >= 10_000:
        return f"{value / 10_000:,.10g} 万{unit}"
    return f"{value:,.15g} {unit}" if unit not in ("日期", "年") or value < 1000 else f"{value:.15g}"


def dated(parameter) -> str:
    """All values of a parameter with their days, oldest first."""
    unit, texts = parameter.metadata["unit"], []
    for one in reversed(parameter.values_list):
        since = "" if one.instant_str == "1900-01-01" else f"{one.instant_str} 起 "
        texts.append(since + shown(one.value, unit))
    return "；".join(texts)


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    headings = list(headings)
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def folded(summary: str, text: str) -> str:
    """A part that opens on a click."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def to_clause(entry: str) -> str:
    """A link to a register entry."""
    return entry if entry == "national" else f"{{ref}}`{entry} <clause-{entry.lower()}>`"


def to_variable(name: str) -> str:
    """A link to the formula of a variable."""
    return f"{{ref}}`{system().variables[name].label} <variable-{name.replace('_', '-')}>` `{name}`"


def to_case(case) -> str:
    """A link to a case."""
    return f"{{ref}}`{case[2]['name']} <{case[1]}>`"


def parameters_table(parameters) -> str:
    """Parameters with their values."""
    rows = [(f"`{one.name}`", one.metadata["label"], dated(one)) for one in parameters]
    return table(("参数", "意思", "值"), rows)


def reading_list(parameter) -> str:
    """Default, alternatives and reason of a reading."""
    lines = []
    for number, (value, words) in enumerate(parameter.metadata["readings"].items()):
        lines.append(f"- {'**缺省** ' if number == 0 else ''}{words}（`{value}`）")
    reason = parameter.metadata["reason"].rstrip("。")
    return "\n".join([*lines, "", f"理由：{reason}。依据：{SETTLED_BY[parameter.metadata['settled_by']]}。"])


# ----- the register -----


def clause_page(document: str) -> str:
    """All register entries of one document."""
    about = documents()[document]
    own = [entry for entry in clauses() if entry["document"] == document]
    number = f"{about['number']}，" if about["number"] else ""
    text = [
        f"# {about['short']}\n\n《{about['title']}》，{number}{about['issuer']} {about['date']} 印发。",
        f"付款：{about['payer']}。{about['validity']}",
        f"文件来源：{about['source_note']}" if about.get("source_note") else "",
        f"以下 {len(own)} 条用我们自己的话记录文件里每一处可以计算或判断的内容，不是原文。",
    ]
    return "\n\n".join([*filter(None, text), *map(entry_section, own)]) + "\n"


def entry_section(entry: dict) -> str:
    """One register entry: what it says, numbers, parameters, formulas, readings, what it leaves open, cases."""
    kinds = "、".join(KINDS[kind] for kind in entry["kinds"])
    text = [
        f"(clause-{entry['id'].lower()})=\n## {entry['id']}　{entry['locator']}",
        f"{entry['summary']}",
        f"*类别：{kinds}。状态：{STATUS[entry['status']]}。*",
    ]
    if entry.get("reason"):
        text.append(f"**为什么不计算**：{entry['reason']}")
    if entry["numbers"]:
        numbers = [
            f"{shown(one['value'], one['unit'])}{COMPARISONS.get(one['comparison'], '')}（`{key}`）"
            for key, one in entry["numbers"].items()
        ]
        text.append(f"**数字**：{'；'.join(numbers)}。")
    if entry["unstated"]:
        text.append(f"**没有写明**：{'；'.join(entry['unstated'])}。")
    own = []
    for path in entry.get("parameters", []):
        under = list(leaves(find(system().parameters, path)))
        own += [one for one in under if entry["id"] in cited(one)] or under
    if own:
        text.append(parameters_table(own))
    if entry.get("variables"):
        text.append("**公式**：" + "；".join(map(to_variable, entry["variables"])) + "。")
    for path in entry["readings"]:
        reading = find(system().parameters, path)
        title = f"读法：{reading.metadata['label']} <code>{path.replace('.readings.', '.')}</code>"
        text.append(folded(title, reading_list(reading)))
    found = cases_by_clause()[entry["id"]]
    if found:
        files: dict[Path, list[str]] = defaultdict(list)
        for case in found:
            files[case[0]].append(f"- {to_case(case)}")
        parts = [f"`tests/{path.as_posix()}`\n\n" + "\n".join(names) for path, names in files.items()]
        text.append(folded(f"用例：{len(found)} 个", "\n\n".join(parts)))
    return "\n\n".join(text)


def national_page() -> str:
    """Parameters from outside the five documents."""
    own = [one for one in leaves(system().parameters) if cited(one) == ["national"]]
    text = [
        "# 文件之外的规则",
        "五份文件没有写、计算时却要用的：中小企业划型、规模以上口径、贷款市场报价利率、增值税税率、计息天数。",
    ]
    groups: dict[str, list] = defaultdict(list)
    for one in own:
        groups[one.name.rsplit(".", 1)[0]].append(one)
    for group in groups.values():
        sources = dict.fromkeys(reference["title"] for one in group for reference in one.metadata["reference"])
        unverified = any(one.metadata.get("unverified") for one in group)
        text.append(f"## {find(system().parameters, group[0].name.rsplit('.', 1)[0]).description}")
        text.append(f"来源：{'；'.join(sources)}。" + ("**未经核对。**" if unverified else ""))
        text.append(parameters_table(group))
    text.append("## 用例\n\n" + "\n".join(f"- {to_case(case)}" for case in cases_by_clause()["national"]))
    return "\n\n".join(text) + "\n"


def readings_page() -> str:
    """All readings by document."""
    text = [
        "# 全部读法",
        "条文不明之处各有一个开关，缺省是第一种取法。换一种：`--reading 文件.读法=取法`，见[读法](/questions/readings.md)。",
    ]
    groups = {"common": "跨文件", **{name: about["short"] for name, about in documents().items()}}
    readings = [one for one in leaves(system().parameters) if one.metadata.get("readings")]
    for name, title in groups.items():
        own = [one for one in readings if one.name.startswith(f"{name}.")]
        if own:
            text.append(f"## {title}")
        for one in own:
            text.append(f"### {one.metadata['label']}\n\n`{one.name.replace('.readings.', '.')}`")
            text.append(reading_list(one))
            text.append("条款：" + "、".join(map(to_clause, cited(one))) + "。")
    return "\n\n".join(text) + "\n"


def unstated_page() -> str:
    """Quantities that the documents promise and do not state."""
    own = [one for one in leaves(system().parameters) if one.metadata.get("unstated")]
    rows = [("、".join(map(to_clause, cited(one))), one.metadata["label"], f"`{one.name}`") for one in own]
    text = (
        f"# 文件未定的数额\n\n有 {len(own)} 项数额、份额和限额，文件允诺了却没有写明，在模型里是空的参数，从不当作 0。"
        "谁要用到，程序就报错并指明条款。知道数额以后用 `--supply 参数=数额` 提供。\n\n"
    )
    return text + table(("条款", "没有写明的", "参数"), rows) + "\n"


def instruments_page() -> str:
    """The instruments: payer, clauses, conditions in words, the variable of each stage."""
    text = [
        "# 政策工具",
        "逐个项目计算的政策工具，按结果中出现的次序。条件是缺省读法下的；只在别的读法下才有的条件注明了读法。"
        "「各步」是台账的各级，前后两级之差就是那一项约束减少的钱：" + "、".join(LEDGER.values()) + "。",
    ]
    steps = dict(zip(STAGES, ("按比例应得", "限额后", "择一后", "不重复奖补后", "企业选择后", "实付"), strict=True))
    for one in instruments(system()):
        about = declared()["instruments"][one.name]
        conditions = []
        for condition in about["conditions"]:
            only = ""
            if "under" in condition:
                label = find(system().parameters, condition["reading"]).metadata["label"]
                only = f"（只在「{label}」取 {'、'.join(f'`{value}`' for value in condition['under'])} 时）"
            conditions.append(f"- {condition['text']}（{to_clause(condition['clause'])}）{only}")
        stages = [f"- {steps[stage]}：{to_variable(name)}" for stage, name in zip(STAGES, one.stages, strict=True)]
        text += [
            f"## {one.label}",
            f"付款：{one.payer}。条款：{'、'.join(map(to_clause, about['clauses']))}。"
            + (f"基数：{to_variable(about['base'])}。" if about.get("base") else ""),
            "**条件**（全部符合才有）\n\n" + "\n".join(conditions),
            folded("各步的公式", "\n".join(stages)),
        ]
    text.append("## 资金池")
    for fund in FUNDS:
        text.append(
            f"**{fund.label}**（{fund.payer}）：可用 {to_variable(fund.available)}；每年数额 `{fund.amount}`；"
            f"不够时怎么分是读法「{find(system().parameters, fund.rule).metadata['label']}」。"
        )
    return "\n\n".join(text) + "\n"


def glossary() -> str:
    """The glossary of CONTRIBUTING.md, which holds it once."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tables = text.split("## Glossary\n", 1)[1].split("\n## ", 1)[0]
    return "# 术语\n\n一个意思只用一个词（one term each）。\n" + tables


# ----- formulas and cases -----


def folder_pages(name: str, folders: dict[str, str], suffix: str, page) -> Iterator[tuple[str, str]]:
    """One page per file of the folders, and an index of them all."""
    root = ROOT / ("tests" if name == "cases" else name)
    index = [
        {
            "variables": "# 公式和事实\n\n一个文件一页，每个变量一节：意思、条款和源码。「事实」是申报者填写的，也就是申报表的各栏。",
            "cases": f"# 用例\n\n共 {len(cases())} 个，名称写明结果。`make test` 全部运行；改了规则，这里就会有用例不成立。",
        }[name]
    ]
    for folder, title in folders.items():
        paths = sorted((root / folder).glob(f"*.{suffix}"))
        links = []
        for path in paths:
            text = page(path)
            heading = text.split("\n", 1)[0].removeprefix("# ")
            links.append(f"- [{heading}](/generated/{name}/{folder}/{path.stem}.md)")
            yield f"{name}/{folder}/{path.stem}.md", UNLISTED + text
        if paths:
            index.append(f"({name}-{folder.replace('_', '-')})=\n## {title}\n\n" + "\n".join(links))
    yield f"{name}/index.md", "\n\n".join(index) + "\n"


def toctree(names: Iterable[str], depth: int = 1) -> str:
    """A table of contents."""
    return f"```{{toctree}}\n:maxdepth: {depth}\n\n" + "\n".join(names) + "\n```\n"


def formulas(path: Path) -> str:
    """The variables of one file with their source."""
    below = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    text, title = [], None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            title_of, about, label = f"辅助函数 `{node.name}`", "", ""
        elif isinstance(node, ast.ClassDef) and node.name in system().variables:
            variable = system().variables[node.name]
            title = title or variable.label
            title_of = f"{variable.label} `{node.name}`"
            label = f"(variable-{node.name.replace('_', '-')})=\n"
            about = variable_facts(variable)
        else:
            continue
        code = f"```{{literalinclude}} /../{below}\n:pyobject: {node.name}\n:lineno-match:\n```"
        text.append(f"{label}## {title_of}\n\n{about}{code}")
    note = ast.get_docstring(tree) or ""
    return f"# {path.stem}：{title or '辅助函数'}\n\n`{below}`。{note}\n\n" + "\n\n".join(text) + "\n"


def variable_facts(variable) -> str:
    """What a variable says of itself."""
    reference = variable.reference
    sources = [reference] if isinstance(reference, str) else list(reference or [])
    parts = [
        f"单位：{variable.unit}。" if variable.unit else "",
        f"依据：{'；'.join(sources)}。" if sources else "",
        f"条款：{'、'.join(map(to_clause, entries_by_variable()[variable.name]))}。"
        if variable.name in entries_by_variable()
        else "",
        variable.documentation or "",
    ]
    return "".join(parts) + "\n\n" if any(parts) else ""


def cases_page(path: Path) -> str:
    """The cases of one file."""
    own = [case for case in cases() if ROOT / "tests" / case[0] == path]
    opening = path.read_text(encoding="utf-8").split("- name:", 1)[0]
    note = "".join(line.lstrip("# ") for line in opening.split("\n\n")[0].splitlines() if line.startswith("#"))
    text = [f"# {path.stem}（{len(own)} 个用例）\n\n`{path.relative_to(ROOT).as_posix()}`。{note}"]
    for _, label, case, source in own:
        known = "、".join(map(to_clause, case["keywords"]))
        text.append(f"({label})=\n## {case['name']}\n\n条款：{known}。\n\n```yaml\n{source.rstrip()}\n```")
    return "\n\n".join(text) + "\n"


# ----- modules -----

#: Modules for use from Python. Commands and ``variables`` have pages of their own.
LEFT_OUT = ("openfisca_jining.__main__", "openfisca_jining.commands", "openfisca_jining.variables", "openfisca_jining.reforms", "openfisca_jining.parameters")  # fmt: skip


def modules() -> list[str]:
    """Public modules of the package."""
    found = ["openfisca_jining"]
    for one in pkgutil.walk_packages(openfisca_jining.__path__, "openfisca_jining."):
        if not one.name.startswith(LEFT_OUT) and "._" not in one.name:
            found.append(one.name)
    return sorted(found)


def module_pages() -> Iterator[tuple[str, str]]:
    """One page per module, from its docstrings."""
    firsts = []
    for name in modules():
        first = (importlib.import_module(name).__doc__ or "").strip().split("\n")[0]
        assert first, f"{name} has no docstring"
        firsts.append(f"- [{name}](/generated/api/{name}.md)：{first}")
        yield (
            f"api/{name}.md",
            f"{UNLISTED}# {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :ignore-module-all:\n```\n",
        )
    intro = "# Python 接口（API）\n\n由源码中的说明生成（英文）。怎样用：[从 Python 使用](/python.md)。"
    yield "api/index.md", f"{intro}\n\n" + "\n".join(firsts) + "\n"
