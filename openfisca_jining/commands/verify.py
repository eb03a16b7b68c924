"""Command ``verify``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from openfisca_jining.commands.common import example_population, population_of


def add(commands) -> None:
    """Its grammar."""
    verify = commands.add_parser("verify", help="按运行记录重新计算，看结果是否仍然成立")
    verify.add_argument("result", type=Path, help="budget 或 memo 写出的 .json")
    verify.add_argument("--data", help="当时的申报表（缺省：记录所说的示例表或合成数据）")
    verify.set_defaults(run=run_verify)


def run_verify(options) -> int:
    """Whether a saved result still holds."""
    from openfisca_jining.analysis.verify import verify
    from openfisca_jining.population.example import example

    try:
        saved = json.loads(options.result.read_text(encoding="utf-8"))
        record, _ = saved["record"], saved["ledger"]
        options.year, options.seed = int(record["year"]), int(record.get("seed", 1))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        print(f"不能核对：{options.result} 不是 budget 或 memo 写出的结果文件。", file=sys.stderr)
        return 1
    options.synthetic, options.reading = options.data is None, []
    if options.data is None and not record.get("synthetic"):
        print(
            f"不能核对：这个结果的数据是 {record.get('source') or '一张申报表'}，请用 --data 给出当时的表。",
            file=sys.stderr,
        )
        return 1
    if options.data is None and example().content_hash() == record.get("data_sha256"):
        print("数据：记录的是随程序附带的示例表。", file=sys.stderr)
        population, _ = example_population(options)
    else:
        population, _ = population_of(options)
    if population is None:
        return 1
    findings = verify(saved, population)
    if "current_law" in saved:
        findings += [f"现行政策：{one}" for one in verify(saved["current_law"], population)]
    print("\n".join(findings) if findings else "结果仍然成立：数据、参数和每一项金额都与记录一致。")
    return 1 if findings else 0
