"""Command lines that are wrong: arguments, exit status, words. ``t.csv`` is a good table, ``bad.yaml`` no YAML, ``d`` a folder."""

from __future__ import annotations

RATE = "jining_2017.equipment.rate"
SET = f"{RATE}=4%@2021-01-01"
OVER = f"{RATE}=1%:3%:1%"
QUESTIONS = ("compare", "sweep", "solve", "attribute", "readings", "transplant", "notch", "forecast", "sensitivity")
TABLE_COMMANDS = ("budget", "check", "explain", "simulate", *QUESTIONS)
ALL = (*TABLE_COMMANDS, "backtest", "lint", "verify", "population", "template", "clauses")
#: What a command needs besides its data.
NEEDS = {
    "compare": ["--set", SET],
    "sweep": ["--over", OVER],
    "solve": ["--over", f"{RATE}=1%:3%", "--target", "1亿"],
    "attribute": ["--change", "yanzhou_cap_and_jining_rate", "--change", "special_fund_300m"],
    "transplant": ["--document", "zaozhuang_2020", "--to", "济宁市"],
    "explain": ["--enterprise", "E1"],
    "population": ["--out", "o.csv"],
    "verify": ["r.json"],
}

WORDS: list[tuple[list[str], int, str]] = [
    ([], 2, "缺少"),
    (["budgte"], 2, "没有 'budgte' 这一种"),
    (["comapre"], 2, "是不是要写 compare？"),
    (["--year"], 2, ""),
    *(([command, "--nonsense"], 2, "") for command in ALL),
    *(([command, "无.csv", *NEEDS.get(command, [])], 1, "没有这个文件") for command in TABLE_COMMANDS),
    *(
        ([command, "d", *NEEDS.get(command, [])], 1, "打不开")
        for command in ("budget", "check", "explain", "simulate", "compare", "notch")
    ),
    *(
        (["budget", name], 1, "")
        for name in ("", "a\0b.csv", "长" * 300 + ".csv", "\udcff\udcfe.csv", "t.csv/x", "/proc/self/mem", "/dev/null")
    ),
    # years, seeds, numbers
    *(
        (["budget", "t.csv", "--year", year], 2, words)
        for year, words in {
            "二〇二一": "半角数字写的整数",
            "２０２１": "半角数字写的整数",
            "2021.0": "半角数字写的整数",
            "2_021": "半角数字写的整数",
            "": "半角数字写的整数",
            "nan": "半角数字写的整数",
            "1e3": "半角数字写的整数",
            "0": "年份应在",
            "-2021": "年份应在",
            "99999": "年份应在",
            "9" * 30: "半角数字写的整数",
        }.items()
    ),
    (["budget", "t.csv", "--year", "2019"], 1, "没有 2019 年度的数据"),
    (["budget", "--synthetic", "--year", "1999"], 1, "合成样本的年度应在"),
    (["budget", "--synthetic", "--seed", "-1"], 1, "种子不能为负数"),
    (["budget", "--synthetic", "--seed", "1.5"], 2, "半角数字写的整数"),
    (["population", "--seed", "-1", "--out", "o.csv"], 1, "种子不能为负数"),
    (["population", "--projects", "0", "--out", "o.csv"], 1, "正整数"),
    (["population", "--projects", "-5", "--out", "o.csv"], 1, "正整数"),
    (["population", "--projects", "1000000000000", "--out", "o.csv"], 2, "至多 10,000,000"),
    (["population", "--pace", "fast", "--out", "o.csv"], 2, "没有 'fast' 这一种"),
    (["population"], 2, "缺少 --out"),
    (["population", "--out", "o.xlsx"], 2, "--out 请用 .csv"),
    (["template", "--out", "o.xls"], 2, "--out 请用 .xlsx"),
    (["check", "t.csv", "--out", "o.csv"], 2, "--out 请用 .xlsx"),
    (["check"], 2, "请给出申报表文件"),
    (["explain", "t.csv"], 2, "缺少 --enterprise"),
    (["explain", "t.csv", "--enterprise", ""], 1, ""),
    (["explain", "t.csv", "--enterprise", "没有"], 1, "没有"),
    (["explain", "t.csv", "--enterprise", "../../x"], 1, "../../x"),
    (["budget", "t.csv", "--by", "天气"], 2, "没有 '天气' 这一种"),
    (["budget", "t.csv", "t.csv"], 2, "不认识「t.csv」"),
    (["budget", "t.csv", "--json=1"], 2, "后面不带值"),
    (["budget", "t.csv", "--out"], 2, "后面要有一个值"),
    (["budget", "t.csv", "--s", "x"], 2, "请写全"),
    # changes
    *(
        (["budget", "t.csv", "--set", word], 1, words)
        for word, words in {
            "": "写法不对",
            "=": "写法不对",
            "@": "写法不对",
            f"{RATE}": "写法不对",
            f"{RATE}=4%": "写法不对",
            f"{RATE}=@2021-01-01": "写法不对",
            f"{RATE}=4%@": "写法不对",
            f"{RATE}=4%@2021-02-30": "没有这一天",
            f"{RATE}=4%@２０２１-01-01": "半角",
            f"{RATE}=４%@2021-01-01": "半角",
            f"{RATE}=nan@2021-01-01": "有限的数字",
            f"{RATE}=1e400@2021-01-01": "应为数字",
            f"{RATE}=-4%@2021-01-01": "不能是负数",
            "jining_2017=1@2021-01-01": "一组参数",
            "no.such=1@2021-01-01": "没有参数 no.such",
            "a\0b=1@2021-01-01": "",
            "\udcff=1@2021-01-01": "没有参数",
        }.items()
    ),
    *(
        (["budget", "t.csv", "--reform", word], 1, words)
        for word, words in {
            "": "",
            "没有": "没有名为 没有 的改革",
            "os": "没有名为 os",
            "..": "没有名为",
            "../x": "没有名为",
            "no.yaml": "没有",
            "d.yaml": "",
            "bad.yaml": "bad.yaml",
            "a\0b": "",
            "a\0b.yaml": "",
            "\udcff.yaml": "",
            "长" * 300 + ".yaml": "",
        }.items()
    ),
    (["budget", "t.csv", "--supply", "x"], 1, "写法不对"),
    (["budget", "t.csv", "--supply", f"{RATE}=x"], 1, "应为数字"),
    (["budget", "t.csv", "--reading", "x=y"], 1, ""),
    (["budget", "t.csv", "--set", SET, "--set", f"{RATE}=5%@2021-01-01"], 1, "给了两个值"),
    # questions
    (["compare", "t.csv"], 2, "说明与什么比较"),
    (["compare", "t.csv", "--reading", "a.b=c"], 2, "只改改革一方请写 --reform-reading a.b=c。"),
    (["compare", "t.csv", "--set", SET, "--losers", "x"], 2, "半角数字写的整数"),
    *(
        (["sweep", "t.csv", "--over", over], 1, words)
        for over, words in {
            "": "",
            RATE: "写法不对",
            f"{RATE}=": "写法不对",
            f"{RATE}=1%:3%": "",
            f"{RATE}=3%:1%:1%": "范围",
            f"{RATE}=1%:3%:0": "步长要大于 0",
            f"{RATE}=1%:3%:-1%": "步长要大于 0",
            f"{RATE}=0:1:1e-9": "至多",
            f"{RATE}=nan:3%:1%": "有限的数字",
            f"{RATE}=1%,nan": "有限的数字",
            f"{RATE}=1%,": "应为数字",
            f"{RATE}=a:b:c": "应为数字",
            "no.such=1:2:1": "没有参数",
            "yanzhou_2020.readings.robot_base=1:2:1": "",
            "jining_2017.validity.last_day=1:2:1": "",
        }.items()
    ),
    (["sweep", "t.csv"], 2, "缺少 --over"),
    (["sweep", "t.csv", "--over", OVER, "--over", OVER], 1, "每个参数只给一次"),
    (["sweep", "t.csv", "--over", OVER, "--from", "2021-02-30"], 1, "没有这一天"),
    (["sweep", "t.csv", "--over", OVER, "--from", "明天"], 1, "YYYY-MM-DD"),
    (["solve", "t.csv", "--over", f"{RATE}=1%:3%"], 2, "请给出其中一个"),
    (["solve", "t.csv", "--over", f"{RATE}=1%:3%", "--target", "1", "--change", "2%"], 2, "不能与"),
    (["solve", "t.csv", "--over", f"{RATE}=1%:3%", "--target", "很多"], 1, "应为数字"),
    (["solve", "t.csv", "--over", f"{RATE}=1%:3%", "--target", "nan"], 1, ""),
    (["solve", "t.csv", "--over", f"{RATE}=1%:3%", "--at-most", "inf"], 1, ""),
    (["solve", "t.csv", "--over", f"{RATE}=1%:3%", "--change", "abc%"], 1, "应为数字"),
    (["solve", "t.csv", "--over", f"{RATE}=3%:1%", "--target", "1"], 1, ""),
    (["solve", "t.csv", "--over", f"{RATE}=nan:1%", "--target", "1"], 1, "有限的数字"),
    (["solve", "t.csv", "--over", f"{RATE}=1%:3%", "--target", "1", "--measure", "没有"], 1, "没有"),
    (["attribute", "t.csv"], 2, ""),
    (["attribute", "t.csv", "--change", "没有"], 2, "至少两项改动"),
    (["readings", "t.csv", "--only", "没有"], 1, "没有"),
    (["readings", "t.csv", "--laws", "-1"], 2, "0 或正整数"),
    (["readings", "t.csv", "--measure", "没有", "--laws", "0"], 1, "没有"),
    (["transplant", "t.csv", "--document", "没有", "--to", "济宁市"], 1, "没有"),
    (["transplant", "t.csv", "--document", "zaozhuang_2020", "--to", "火星"], 1, "火星"),
    *(
        (["forecast", "t.csv", "--years", years], 1, words)
        for years, words in {
            "明年": "写法不对",
            "2021-": "写法不对",
            "2026-2021": "首年晚于末年",
            "1999": "",
            "２０２１": "写法不对",
            "": "",
        }.items()
    ),
    (["forecast", "t.csv", "--draws", "1"], 1, "抽样次数至少为 2"),
    (["forecast", "t.csv", "--draws", "-5"], 1, "抽样次数至少为 2"),
    (["forecast", "t.csv", "--draws", "999999999999"], 2, "至多 1,000,000"),
    (["forecast", "t.csv", "--workers", "0"], 2, "正整数"),
    (["forecast", "t.csv", "--workers", "100000"], 2, "至多 256"),
    (["forecast", "t.csv", "--driver", "x"], 1, ""),
    (["forecast", "t.csv", "--driver", "no_such=1"], 1, "no_such"),
    (["forecast", "t.csv", "--driver", "approval_rate=nan"], 1, ""),
    (["forecast", "t.csv", "--driver", "approval_rate=-5%"], 1, ""),
    (["forecast", "t.csv", "--driver", "approval_rate=1e300"], 1, ""),
    (["forecast", "t.csv", "--forecast-seed", "-1", "--draws", "2", "--years", "2021"], 1, ""),
    (["backtest", "--years", "２０１９"], 2, "半角数字写的整数"),
    (["backtest", "--years", "2050", "--replicates", "2", "--draws", "2"], 1, ""),
    (["backtest", "--replicates", "-1"], 1, ""),
    (["backtest", "--stage", "x"], 2, "没有 'x' 这一种"),
    # saved results
    (["verify"], 2, "缺少 结果文件"),
    *(
        (["verify", name], 1, "")
        for name in ("无.json", "d", "t.csv", "empty.json", "list.json", "nan.json", "deep.json", "half.json")
    ),
    (["lint"], 2, "请给出改革模块"),
    (["lint", "a.csv", "b.csv", "x"], 2, "只能给一张"),
]
