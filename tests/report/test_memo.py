"""The memo: both files say what the results say, the same bytes each time, whatever the names are."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pandas
import pytest
from docx import Document
from docx.oxml.ns import qn
from fontTools.ttLib import TTFont

from openfisca_jining.analysis.budget import LEDGER, budget
from openfisca_jining.analysis.compare import compare, names_of
from openfisca_jining.analysis.readings import MOVES, spread
from openfisca_jining.cli import main
from openfisca_jining.population import Population
from openfisca_jining.population.example import example
from openfisca_jining.reforming import reformed
from openfisca_jining.report.console import wan
from openfisca_jining.report.memo import docx, html, memo, memo_json, write_docx, write_html
from openfisca_jining.report.memo.parts import Draft, Picture, Table, chinese, printable
from openfisca_jining.report.words import answer

REFORM = "yanzhou_cap_and_jining_rate"


class Page(HTMLParser):
    """Tables (rows of cells), captions, headings, paragraphs and pictures of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables, self.texts, self.pictures, self.outside = {}, [], [], []
        self._cell = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th", "caption", "p", "h1", "h2", "h3", "h4", "figcaption"):
            self._cell = ""
        elif tag == "img":
            self.pictures.append(attrs)
        self.outside += [
            value for key, value in attrs.items() if key in ("src", "href") and not value.startswith("data:")
        ]

    def handle_data(self, data):
        if self._cell is not None:
            self._cell += data

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._rows[-1].append(self._cell)
        elif tag == "caption":
            self.tables[self._cell] = self._rows
        elif tag in ("p", "h1", "h2", "h3", "h4", "figcaption"):
            self.texts.append(self._cell)
        if tag in ("td", "th", "caption", "p", "h1", "h2", "h3", "h4", "figcaption"):
            self._cell = None


def word(data: bytes):
    """Tables by caption (rows of cells) and paragraphs of a Word file."""
    document = Document(io.BytesIO(data))
    tables, texts = {}, []
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            tables[texts[-1]] = [[cell.text for cell in row.cells] for row in block.rows]
        else:
            texts.append(block.text)
    return document, tables, texts


def named(tables: dict, ending: str):
    return next(rows for caption, rows in tables.items() if caption.endswith(ending))


@pytest.fixture(scope="module")
def comparison(system):
    return compare(example(), system, reformed(system, reforms=[REFORM]))


@pytest.fixture(scope="module")
def written(comparison):
    return memo(comparison, by=["county"])


@pytest.fixture(scope="module")
def both(written):
    page = Page(html(written).decode("utf-8"))
    _, tables, texts = word(docx(written))
    return {"html": (page.tables, page.texts), "docx": (tables, texts)}


@pytest.mark.parametrize("kind", ["html", "docx"])
def test_figures_are_those_of_the_results(comparison, both, kind):
    tables, texts = both[kind]
    by = comparison.by("instrument", "payer")
    rows = named(tables, "实付，按政策工具和付款财政")
    assert len(rows) == 1 + len(by) + 1
    for (key, line), row in zip(by.iterrows(), rows[1:], strict=False):
        assert row[:4] == [*key, wan(line["baseline"]), wan(line["reform"])]
        assert float(row[4].replace(",", "")) == pytest.approx(line["difference"] / 10_000)
        assert row[5:] == [str(int(line["gain"])), str(int(line["lose"]))]
    assert rows[-1][2:5] == [wan(comparison.baseline.total), wan(comparison.reform.total), "+417.00"]
    ledger = {row[0].removeprefix("减："): row[1:] for row in named(tables, "台账合计")[1:]}
    before, after = comparison.baseline.ledger().sum(), comparison.reform.ledger().sum()
    for column, heading in LEDGER.items():
        assert ledger.get(heading, ["0.00", "0.00"])[:2] == [wan(before[column]), wan(after[column])]
    counties = comparison.change("county")
    assert [row[:3] for row in named(tables, "按县（市、区）")[1:-1]] == [
        [key, wan(line["baseline"]), wan(line["reform"])] for key, line in counties.iterrows()
    ]
    winners = comparison.winners()
    rows = named(tables, f"（共 {len(winners)} 家增加）")
    assert [row[1] for row in rows[1:]] == [
        f"{one.enterprise} {one.name}" for one in winners.head(10).itertuples(index=False)
    ]
    assert answer(comparison) in texts
    funds = named(tables, "资金池的使用")[1:]
    assert [row[2:] for row in funds if row[1] == "改革"] == [
        [wan(line[name]) for name in ("available", "claimed", "paid", "left")]
        for line in comparison.reform.funds.to_dict("records")
    ]


def test_both_files_hold_the_same_tables_and_paragraphs(both, written):
    assert both["html"][0] == both["docx"][0]
    assert [text for text in both["docx"][1] if text and not text.startswith("表 ")] == both["html"][1]
    captions = [block.caption for block in written.blocks if isinstance(block, (Table, Picture))]
    assert [text for text in both["docx"][1] if re.match("[表图] ", text)] == captions


def test_headings_tables_and_pictures_are_numbered():
    draft = Draft()
    for level, text in ((1, "甲"), (2, "乙"), (2, "丙"), (3, "丁"), (1, "戊"), (2, "己")):
        draft.heading(level, text)
    assert [block.text for block in draft.blocks] == ["一、甲", "（一）乙", "（二）丙", "1. 丁", "二、戊", "（一）己"]
    assert [chinese(number) for number in (9, 10, 11, 20, 21)] == ["九", "十", "十一", "二十", "二十一"]


def test_what_a_pool_means_for_the_difference_is_said(system):
    from openfisca_jining.population.synthetic import synthesise

    claims = synthesise(2021)
    result = compare(claims, system, reformed(system, reforms=["jining_rate_up"]))
    fund = result.reform.funds.set_index("fund").loc["济宁 2020 工业发展专项资金"]
    assert fund["claimed"] > fund["available"]
    said = "".join(block.text for block in memo(result).blocks if hasattr(block, "text"))
    assert "改革前后都已用完，多申请的部分得不到支付" in said
    wider = compare(claims, system, reformed(system, reforms=["special_fund_300m"]))
    said = "".join(block.text for block in memo(wider).blocks if hasattr(block, "text"))
    assert "支付的变化来自资金池本身的大小" in said or "改革后足额支付" in said


def test_only_clauses_that_are_used_are_cited(system):
    claims = example()
    yanzhou = claims.enterprises["county"] == "yanzhou"
    kept = claims.enterprises.loc[yanzhou, "enterprise_id"]
    one = Population(
        year=claims.year,
        projects=claims.projects[claims.projects["enterprise_id"].isin(kept)].drop(columns="row", errors="ignore"),
        enterprises=claims.enterprises[yanzhou],
    )
    table = next(
        block for block in memo(budget(one, system)).blocks if getattr(block, "caption", "").endswith("依据的条款")
    )
    ids = {row[1].split("-")[0] for row in table.rows}
    assert "YZ2020" in ids and "ZZ2020" not in ids


def test_readings_that_move_the_total_are_listed_with_how_much(system, comparison):
    asked = ["jining_2017.cap_scope", "yanzhou_2020.robot_base", "common.rounding"]
    spreads = [spread(example(), law, only=asked) for law in (system, reformed(system, reforms=[REFORM]))]
    table = next(
        block
        for block in memo(comparison, spreads=spreads).blocks
        if getattr(block, "caption", "").endswith("换取法使合计变动的读法")
    )
    before, after = (one.alternatives.set_index(["reading", "value"]) for one in spreads)
    moving = before.index[(before["effect"] == MOVES) | (after["effect"] == MOVES)]
    assert len(moving) == len(table.rows) > 1
    words = {before.at[key, "words"]: (before.at[key, "difference"], after.at[key, "difference"]) for key in moving}
    for row in table.rows:
        was, now = words[row[2]]
        if abs(was) > 100:
            assert float(row[3].replace(",", "")) == pytest.approx(was / 10_000, abs=0.005)
            assert float(row[4].replace(",", "")) == pytest.approx(now / 10_000, abs=0.005)
            assert float(row[5].replace(",", "")) == pytest.approx((now - was) / 10_000, abs=0.005)


def test_a_budget_without_a_reform_is_a_memo_too(system):
    claims = example()
    result = budget(claims, system)
    page = Page(html(memo(result, names=names_of(claims))).decode("utf-8"))
    rows = named(page.tables, "实付，按政策工具和付款财政")
    assert rows[-1][4] == wan(result.total) and rows[-1][5] == str(result.enterprises_paid)
    assert any("按现行政策" in text for text in page.texts) and not any("改革" in text for text in page.tables)
    top = result.by("enterprise")["paid"].idxmax()
    assert named(page.tables, "实付最多的企业")[1][1].startswith(f"{top} ")


# ----- the same bytes, nothing from outside -----


def test_the_same_result_gives_the_same_bytes(system, tmp_path):
    files = []
    for number in (1, 2):
        again = memo(compare(example(), system, reformed(system, reforms=[REFORM])))
        pair = write_docx(again, tmp_path / f"{number}.docx"), write_html(again, tmp_path / f"{number}.html")
        files.append([path.read_bytes() for path in pair])
    assert files[0] == files[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.docx", "1.html", "2.docx", "2.html"]


def test_the_page_fetches_nothing_and_brings_its_font(written):
    text = html(written).decode("utf-8")
    page = Page(text)
    assert page.outside == [] and "http" not in text and "//" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", text)
    data = base64.b64decode(re.search(r"data:font/woff;base64,([A-Za-z0-9+/=]+)", text)[1])
    assert len(data) < 150_000
    glyphs = set(TTFont(io.BytesIO(data)).getBestCmap())
    missing = {char for char in "".join(page.texts) + str(page.tables) if ord(char) > 127 and ord(char) not in glyphs}
    assert missing == set()


def test_the_document_is_an_office_paper(written):
    document, _, _ = word(docx(written))
    section = document.sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin)
    assert [round(size.mm) for size in sizes] == [210, 297, 37, 35, 28] and round(section.right_margin.mm) == 26
    assert "PAGE" in section.footer._element.xml and section.header.paragraphs[0].text == written.running
    for style, font in (
        ("Title", "方正小标宋简体"),
        ("Heading 1", "黑体"),
        ("Normal", "仿宋_GB2312"),
        ("No Spacing", "宋体"),
    ):
        fonts = document.styles[style].element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) == font and "Theme" not in " ".join(fonts.keys())
    chars = {
        name: document.styles[name].element.pPr.find(qn("w:ind")).get(qn("w:firstLineChars"))
        for name in ("Normal", "Heading 1", "Title", "Caption", "Header", "Footer", "No Spacing", "Body Text")
    }
    assert {name for name, count in chars.items() if count == "200"} == {"Normal", "Heading 1"}
    assert set(chars.values()) == {"200", "0"}
    assert document.core_properties.title == written.title and document.core_properties.author == ""
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    pictures = document.inline_shapes
    assert [shape._inline.docPr.get("descr") for shape in pictures] == [
        block.alt for block in written.blocks if isinstance(block, Picture)
    ]
    with zipfile.ZipFile(io.BytesIO(docx(written))) as package:
        assert {member.date_time for member in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in package.namelist() if "thumbnail" in name]


# ----- names as they come -----

NAMES = [
    "甲<script>alert(1)</script>&公司",
    '=1+1"; </style>',
    "乙\x00\x0b\x1f有限公司\ufffe",
    "丙🏭喆堃\u202e公司",
    "丁" * 120 + "A" * 200,
]


def hostile(system):
    ids = [f"E{number}" for number in range(len(NAMES))]
    projects = pandas.DataFrame(
        {
            "project_id": [f"P{one}" for one in ids],
            "enterprise_id": ids,
            "equipment_investment": [8_000_000.0] * len(ids),
        }
    )
    enterprises = pandas.DataFrame({"enterprise_id": ids, "enterprise_name": NAMES, "county": ["tengzhou"] * len(ids)})
    claims = Population(year=2021, projects=projects, enterprises=enterprises)
    return compare(claims, system, reformed(system, changes=["zaozhuang_2020.equipment.rate=12%@2021-01-01"]))


def test_hostile_names_survive_as_text(system):
    result = memo(hostile(system), name="<b>改革</b> & \x07\ud800")
    text = html(result).decode("utf-8")
    page = Page(text)
    _, tables, texts = word(docx(result))
    assert page.tables == tables
    shown = [row[1] for row in named(tables, "家增加）")[1:]]
    assert sorted(shown) == sorted(f"E{number} {printable(name)}" for number, name in enumerate(NAMES))
    assert "乙���有限公司�" in shown[2] and "🏭喆堃�公司" in shown[3]
    cited = named(tables, "依据的条款")[1:] + named(tables, "采用的读法")[1:]
    assert not [row for row in cited if "JN20" in "".join(row[:2])]
    assert "没有项目申请" in "".join(texts)
    assert "<script" not in text and text.count("</style>") == 1
    assert any("<b>改革</b> & ��" in one for one in texts)


def test_names_are_left_out_when_asked(comparison):
    without = memo(comparison, named=False)
    name = comparison.winners()["name"].iloc[0]
    assert name in memo(comparison).text() and name not in without.text()
    assert not re.search(r"\bE0\d\d\b", without.text())
    data = json.dumps(memo_json(comparison, named=False), ensure_ascii=False)
    assert name not in data and '"E0' not in data


# ----- the command -----


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_writes_all_files_and_verify_accepts_them(folder, capsys):
    assert main(["memo", "--reform", REFORM, "--out", "out/"]) == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "测算报告.docx",
        "测算报告.html",
        "测算报告.json",
    ]
    from importlib import resources

    table = str(resources.files("openfisca_jining.population") / "example_2021.csv")
    assert main(["verify", "out/测算报告.json", "--data", table]) == 0
    saved = json.loads(Path("out/测算报告.json").read_text(encoding="utf-8"))
    saved["current_law"]["ledger"][0]["paid"] += 0.01
    Path("changed.json").write_text(json.dumps(saved), encoding="utf-8")
    capsys.readouterr()
    assert main(["verify", "changed.json", "--data", table]) == 1
    assert "现行政策：" in capsys.readouterr().out


def test_verify_makes_the_synthetic_data_of_the_record_again(folder, capsys):
    assert main(["memo", "--synthetic", "--seed", "3", "--year", "2019", "--out", "s"]) == 0
    assert main(["verify", "s.json"]) == 0
    assert "结果仍然成立" in capsys.readouterr().out


def test_out_may_be_a_file_name(folder):
    assert main(["memo", "--out", "a/年度.docx", "--no-names", "--by", "county"]) == 0
    assert sorted(path.name for path in (folder / "a").iterdir()) == ["年度.docx", "年度.html", "年度.json"]
    assert "年度技术改造奖补支出测算报告" in Path("a/年度.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["memo", "--out", "x.pdf"], 2, "不写 .pdf 文件"),
        (["memo", "--out", "x", "--listed", "-1"], 2, "--listed 应为 0 或正整数"),
        (["memo", "--out", "x", "--no-names", "--by", "enterprise"], 2, "不能同时 --by enterprise"),
        (["memo", "t.csv", "--synthetic", "--out", "x"], 2, "只能用一个"),
        (["memo", "no.csv", "--out", "x"], 1, "没有这个文件"),
        (["memo", "--reform", "nothing", "--out", "x"], 1, "没有名为 nothing 的改革"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(folder, arguments, status, words, capsys):
    assert main(arguments) == status
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said
    assert list(folder.iterdir()) == []


def test_a_memo_may_list_no_enterprise(comparison):
    captions = [block.caption for block in memo(comparison, listed=0).blocks if isinstance(block, Table)]
    assert any("企业按增减大小的分布" in caption for caption in captions)
    assert not [caption for caption in captions if "最多的" in caption]


def test_readings_of_a_budget_have_one_column_of_money(system):
    about = spread(example(), system, only=["jining_2017.cap_scope", "yanzhou_2020.robot_base"])
    blocks = memo(budget(example(), system), spreads=[about]).blocks
    table = next(block for block in blocks if isinstance(block, Table) and "换取法使合计变动的读法" in block.caption)
    assert table.headings[-1] == "支出变动" and len(table.headings) == 4
