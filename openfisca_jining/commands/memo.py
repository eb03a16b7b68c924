"""Command ``memo``."""

from __future__ import annotations

import sys
from pathlib import Path

from openfisca_jining.commands.common import (
    BY,
    add_data,
    add_law,
    as_json,
    law_of,
    population_of,
    progress,
)
from openfisca_jining.commands.grammar import MOST_TIMES, integer

#: Name of the files in a folder.
NAME = "测算报告"
#: Enterprises listed in each direction unless told otherwise.
LISTED = 10


def add(commands) -> None:
    """Its grammar."""
    memo = commands.add_parser("memo", help="测算报告：Word 文件（.docx）和可打印的网页（.html）")
    add_data(memo, "申报表（缺省：随程序附带的 2021 年示例表）")
    add_law(memo)
    memo.add_argument(
        "--reform-reading",
        action="append",
        default=[],
        metavar="文件.读法=取值",
        help="只在改革一方改变的读法（--reading 和 --supply 两方都用）",
    )
    memo.add_argument("--by", action="append", choices=list(BY), default=[], help="再按什么分组，可重复")
    memo.add_argument("--readings", action="store_true", help="逐一换取法，列出使合计变动的读法（要多算一百多次）")
    memo.add_argument("--no-names", action="store_true", help="不列企业名称和编号")
    memo.add_argument(
        "--listed", type=integer(MOST_TIMES), default=LISTED, metavar="家数", help=f"列出几家企业（缺省：{LISTED}）"
    )
    memo.add_argument(
        "--out",
        required=True,
        metavar="目录或文件名",
        help=f"已有的目录或以 / 结尾：写进去，名为{NAME}；否则是文件名，不带后缀",
    )
    memo.set_defaults(run=run_memo, example=True, writes=None)


def run_memo(options) -> int:
    """A memo on a reform, or on the year's budget if nothing is changed."""
    from openfisca_jining.analysis.budget import budget
    from openfisca_jining.analysis.compare import compare, names_of
    from openfisca_jining.analysis.readings import spread
    from openfisca_jining.commands.compare import reform_words
    from openfisca_jining.report.memo import docx, html, memo, memo_json
    from openfisca_jining.whole import whole_folder, write_whole

    refusal = misuse(options)
    if refusal:
        print(f"用法不对：{refusal}", file=sys.stderr)
        return 2
    population, status = population_of(options)
    if population is None:
        return status
    baseline, after = law_of(options, population)
    progress(f"正在测算 {len(population)} 个项目")
    result = budget(population, baseline) if after is baseline else compare(population, baseline, after)
    laws = [baseline] if after is baseline else [baseline, after]
    written = memo(
        result,
        name="" if after is baseline else "；".join(reform_words(after, baseline)),
        by=[BY[name] for name in options.by],
        named=not options.no_names,
        names=names_of(population),
        listed=options.listed,
        spreads=[spread(population, law, say=progress) for law in laws] if options.readings else (),
    )
    data = as_json(memo_json(result, named=not options.no_names)) + "\n"
    files = {".docx": docx(written), ".html": html(written), ".json": data.encode("utf-8")}
    stem = stem_of(options.out)
    with whole_folder(stem.parent) as folder:
        for suffix, content in files.items():
            write_whole(folder / f"{stem.name}{suffix}", content)
    print("已写出：" + "、".join(str(stem.with_name(stem.name + suffix)) for suffix in files))
    return status


def misuse(options) -> str:
    """What is wrong with the options together, in Chinese, or nothing."""
    if options.listed < 0:
        return "--listed 应为 0 或正整数。"
    if options.no_names and "enterprise" in options.by:
        return "--no-names 不列企业，不能同时 --by enterprise。"
    if options.data and options.synthetic:
        return "申报表和 --synthetic 只能用一个。"
    if Path(options.out).suffix.lower() in (".pdf", ".doc", ".xlsx", ".txt", ".wps"):
        return f"不写 {Path(options.out).suffix} 文件。--out 请给目录，或不带后缀的文件名；PDF 请在浏览器里打印 .html。"
    return ""


def stem_of(out: str) -> Path:
    """Path of the files without their suffix."""
    path = Path(out)
    if path.is_dir() or out.endswith(("/", "\\")):
        return path / NAME
    return path.with_suffix("") if path.suffix.lower() in (".docx", ".html", ".json") else path
