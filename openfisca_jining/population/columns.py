"""What a table may say: headings and their synonyms, units, vocabularies, and how one cell or one column is read.

Money is yuan in float64, to the fen. A cell that cannot be read raises or reports a Chinese message; none is guessed.
"""

from __future__ import annotations

import datetime
import difflib
import importlib
import pkgutil
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy
from openfisca_core.indexed_enums import Enum
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from openfisca_jining.classifications import (
    GB2260,
    CatalogueCategory,
    County,
    EnterpriseSize,
    FundUse,
    ProjectType,
    Series6501,
    YieldPerMu,
)
from openfisca_jining.variable_types import Fact

Kind = Literal["text", "id", "year", "money", "number", "count", "flag", "date", "enum"]
#: Yuan in one unit.
UNITS = {"元": 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}
UNSTATED_DATE = datetime.date(1970, 1, 1)
#: Above this many fen a float is no longer read by the fast path (100 billion yuan).
MOST_FEN_FAST = 10**13
MOST_YUAN = 10**13
FIRST_YEAR, LAST_YEAR = 1978, 2100


@dataclass(frozen=True)
class Column:
    """One thing that a table can state.

    :ivar name: OpenFisca fact or id. :ivar label: heading. :ivar entity: ``project``, ``enterprise`` or ``row``
        (the year).
    :ivar default: value of an empty cell (Enums by member name). :ivar options: the closed list, if any.
    """

    name: str
    label: str
    kind: Kind
    entity: str
    default: Any = None
    options: type[Enum] | None = None
    documentation: str = ""
    unit: str = ""


def _fact_columns() -> dict[str, Column]:
    package = importlib.import_module("openfisca_jining.variables.facts")
    result = {}
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        for fact in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values():
            if isinstance(fact, type) and issubclass(fact, Fact) and fact is not Fact:
                column = _fact_column(fact)
                if column.entity in ("project", "enterprise"):
                    result[column.name] = column
    return result


def _fact_column(fact: type) -> Column:
    stated = vars(fact)
    value_type, unit = stated["value_type"], stated.get("unit", "")
    options = stated.get("possible_values")
    kind: Kind
    default: Any
    if options is not None:
        kind, default = "enum", stated["default_value"].name
    elif value_type is bool:
        kind, default = "flag", stated.get("default_value", False)
    elif value_type is int:
        kind, default = "count", stated.get("default_value", 0)
    elif value_type is float:
        kind, default = ("money" if unit == "元" else "number"), stated.get("default_value", 0.0)
    else:
        kind, default = "date", UNSTATED_DATE
    return Column(
        fact.__name__,
        stated["label"],
        kind,
        stated["entity"].key,
        default,
        options,
        stated.get("documentation", ""),
        unit,
    )


ID_COLUMNS = {
    "claim_year": Column("claim_year", "申报年度", "year", "row", documentation="四位年份。"),
    "enterprise_id": Column(
        "enterprise_id", "企业编号", "id", "enterprise", "", documentation="统一社会信用代码或内部编号。"
    ),
    "credit_code": Column("credit_code", "统一社会信用代码", "id", "enterprise", "", documentation="18 位。"),
    "enterprise_name": Column("enterprise_name", "企业名称", "text", "enterprise", ""),
    "project_id": Column("project_id", "项目编号", "id", "project", "", documentation="全表不重复。"),
    "project_name": Column("project_name", "项目名称", "text", "project", ""),
    "consortium_id": Column(
        "consortium_id",
        "技改共同体",
        "id",
        "project",
        "",
        documentation="共同体的名称或编号，同一共同体填写一致；没有则留空。",
    ),
}
#: Every column that the main table may have, by name.
COLUMNS: dict[str, Column] = ID_COLUMNS | _fact_columns()

#: Columns of the invoice sheet (发票明细).
INVOICE_COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        ID_COLUMNS["enterprise_id"],
        ID_COLUMNS["enterprise_name"],
        ID_COLUMNS["project_id"],
        ID_COLUMNS["project_name"],
        Column(
            "invoice_code", "发票代码", "id", "invoice", "", documentation="老式发票的 10 或 12 位代码；没有则留空。"
        ),
        Column("invoice_number", "发票号码", "id", "invoice", "", documentation="文本；红字发票填自己的号码。"),
        Column("original_number", "原发票号码", "id", "invoice", "", documentation="红字发票对应的蓝字发票号码。"),
        Column("issued", "开票日期", "date", "invoice", UNSTATED_DATE),
        Column("net", "金额", "money", "invoice", 0.0, unit="元", documentation="不含税；红字发票填负数。"),
        Column("tax", "税额", "money", "invoice", 0.0, unit="元"),
        Column("gross", "价税合计", "money", "invoice", 0.0, unit="元"),
        Column("category", "类别", "text", "invoice", "", documentation="设备、机器人、特种机器人、软件、非生产性。"),
        Column("used_from", "投入使用日期", "date", "invoice", UNSTATED_DATE, documentation="未投入使用则留空。"),
    )
}

#: Further headings, besides each column's own label and name.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "claim_year": ("年度", "年份", "申报年份", "项目年度", "申请年度"),
    "enterprise_id": ("企业代码", "单位编号", "企业ID", "企业序号编号"),
    "credit_code": ("社会信用代码", "信用代码", "统一信用代码", "统一社会信用代码证号", "组织机构代码"),
    "enterprise_name": (
        "企业",
        "单位名称",
        "项目单位",
        "申报单位",
        "申报企业",
        "申报企业名称",
        "公司名称",
        "企业全称",
        "承担单位",
    ),
    "project_id": ("项目代码", "项目序号编号", "申报编号", "项目ID", "备案号", "项目备案号"),
    "project_name": ("项目", "申报项目", "申报项目名称", "技改项目名称"),
    "consortium_id": (
        "共同体",
        "共同体编号",
        "共同体名称",
        "技改共同体编号",
        "技改共同体名称",
        "所属共同体",
        "所在共同体",
    ),
    "county": (
        "县市区",
        "县(市、区)",
        "县(市区)",
        "县区",
        "区县",
        "区(市)",
        "所属县市区",
        "所在县市区",
        "所属区县",
        "所在地",
        "所属地区",
        "注册县市区",
        "企业注册地",
        "注册地址",
        "注册地区划代码",
        "行政区划",
        "行政区划代码",
        "属地",
    ),
    "yield_per_mu_class": (
        "亩产效益",
        "亩均效益评价",
        "亩产效益评价结果",
        "亩产效益评价等级",
        "亩均评价",
        "亩产效益类别",
        "评价等级",
    ),
    "yield_per_mu_class_project_year": ("项目年度亩产效益评价",),
    "tier_listed": ("梯队企业培育名单", "是否梯队企业", "梯队培育企业", "列入梯队企业"),
    "tier_listed_project_year": ("项目年度梯队企业",),
    "protected_hundred": ("百企护航企业", "是否百企护航", "是否百企护航企业", "列入百企护航"),
    "independent_legal_person": ("是否独立法人", "独立法人企业"),
    "creditworthy": ("是否信用良好", "信用状况良好"),
    "last_major_violation_date": ("重大违法违规日期",),
    "chain_leader": ("链主", "是否链主", "是否链主企业"),
    "cluster_leader": ("龙头企业", "集群龙头企业", "是否龙头企业"),
    "employees": ("从业人数", "从业人员数", "职工人数", "员工人数", "从业人员人数", "年末从业人员", "用工人数"),
    "revenue": ("年营业收入", "主营业务收入", "营收", "年主营业务收入", "销售收入"),
    "cloud_contract_price": ("云服务合同额", "云服务合同金额"),
    "on_cloud": ("是否上云", "上云"),
    "series_6501": ("6501系列", "6501工程系列"),
    "listed_6501": ("6501在册",),
    "candidate_6501": ("6501候补",),
    "score_6501": ("6501评估得分",),
    "weight": ("权数", "样本权重", "权重"),
    "import_value": ("进口额",),
    "military_certificates": ("军工资质证书数",),
    "generic_varieties": ("一致性评价品种数",),
    "equipment_investment": (
        "设备投资",
        "设备投资金额",
        "设备购置额",
        "设备购置金额",
        "设备购置费",
        "购置设备金额",
        "设备额",
        "生产设备投资额",
    ),
    "cumulative_equipment_investment": ("累计设备投资额", "设备累计投资额", "累计设备投资", "项目累计设备投资"),
    "nonproductive_equipment": ("非生产性设备", "非生产性设备投资额", "非生产设备额"),
    "cumulative_nonproductive_equipment": ("累计非生产性设备", "累计非生产性设备投资额", "累计非生产设备额"),
    "cumulative_equipment_in_use": ("累计投入使用设备额", "累计投入使用的设备额", "累计已投用设备额"),
    "equipment_in_use": ("投入使用设备额", "投入使用的设备额", "已投入使用设备额", "已投用设备额"),
    "robot_investment": (
        "机器人投资",
        "工业机器人投资额",
        "机器人购置额",
        "工业机器人购置额",
        "机器人购置金额",
        "机器人投资金额",
    ),
    "special_robot_investment": ("特种机器人投资", "特种机器人购置额", "特种机器人购置金额", "特种机器人投资金额"),
    "special_robot_off_post_investment": ("非关键岗位特种机器人投资额",),
    "robot_at_post_investment": ("高危岗位普通机器人投资额",),
    "intelligent_system_investment": ("智能化制造系统投资", "智能制造系统投资额"),
    "informatisation_investment": ("信息化投资", "软件投资额", "信息化投入", "信息化软硬件投资额", "信息化投资金额"),
    "informatisation_audited_investment": ("信息化审定额", "信息化投资审定金额"),
    "equipment_vat": ("设备税额", "设备增值税额", "设备进项税额"),
    "cumulative_equipment_vat": ("累计设备税额",),
    "robot_vat": ("机器人税额",),
    "special_robot_vat": ("特种机器人税额",),
    "intelligent_system_vat": ("智能化制造系统税额",),
    "informatisation_vat": ("信息化税额",),
    "assessed_award": ("评定奖励额",),
    "loan_interest_paid": ("利息", "支付利息", "贷款利息支出", "已付利息", "实付利息", "贷款利息额"),
    "loan_principal": ("贷款额", "贷款金额", "贷款本金额"),
    "loan_days": ("计息天数", "贷款天数"),
    "other_fiscal_money": ("已获财政资金", "其他财政资金", "已享受其他财政资金", "已获其他财政资金额", "已获财政补助"),
    "special_fund_claim": ("专项资金其他申请额",),
    "special_fund_use": ("专项资金用途",),
    "application_date": ("申请日期", "申报时间", "申报日", "申请时间"),
    "city_application_date": ("市级申报日期", "向市级申报日期"),
    "invoice_date": ("设备发票日期",),
    "completion_date": ("完工日期", "竣工日期", "项目竣工日期"),
    "filing_date": ("备案日期", "核准日期", "项目备案日期", "备案时间"),
    "in_use": ("投入使用", "是否投入使用", "设备是否投入使用", "已投入使用", "投产"),
    "catalogue_category": (
        "产业目录",
        "产业政策类别",
        "产业结构调整目录",
        "产业结构调整指导目录",
        "目录类别",
        "产业类别",
    ),
    "project_type": ("用地方式", "项目类型", "用地类型", "是否零土地", "零土地"),
    "filed": ("是否备案", "已备案", "核准或备案"),
    "in_statistics_platform": ("联网直报", "是否联网直报"),
    "consortium_lead": ("共同体牵头企业", "是否牵头", "牵头企业", "是否共同体牵头", "牵头"),
    "development_zone": ("开发区编号",),
    "informatisation_systems": ("信息系统数",),
    "major_project": ("重大项目", "是否重大项目", "重大技改项目"),
    "claim_rank": ("项目顺序",),
    "invoice_number": ("发票号", "票号"),
    "original_number": ("对应蓝字发票号码", "原蓝字发票号码", "蓝字发票号码"),
    "issued": ("开票时间", "发票日期", "开具日期"),
    "net": ("不含税金额", "发票金额", "金额合计"),
    "tax": ("发票税额", "增值税额"),
    "gross": ("含税金额", "价税合计金额"),
    "category": ("发票类别", "设备类别", "购置类别"),
    "used_from": ("投用日期", "投入使用时间"),
}
#: Headings that offices use and that no clause needs.
IRRELEVANT = frozenset(
    (
        "备注",
        "联系人",
        "联系电话",
        "电话",
        "手机",
        "传真",
        "邮箱",
        "法人代表",
        "法定代表人",
        "企业性质",
        "所属产业",
        "所属行业",
        "行业",
        "行业代码",
        "行业大类",
        "项目建设地址",
        "建设地址",
        "建设地点",
        "建设内容",
        "项目主要建设内容",
        "项目建设年限",
        "建设年限",
        "总投资",
        "项目总投资",
        "计划总投资",
        "开户行",
        "银行账号",
        "地址",
        "邮编",
        "地市",
        "小计",
        "合计",
        "审核意见",
        "补助金额",
        "拟补助金额",
        "补助类型",
        "补助依据",
    )
)
ROW_NUMBERS = frozenset(("序号", "编号", "No", "NO", "No."))


# ----- headings -----


@dataclass(frozen=True)
class Heading:
    """A heading as understood.

    :ivar text: as written. :ivar name: column it stands for, or empty. :ivar unit: unit of money it states, or empty.
    :ivar vat: ``net`` (不含税), ``gross`` (含税) or empty. :ivar nearest: label of the nearest known column if unknown.
    :ivar likeness: of ``nearest``, 0 to 1.
    """

    text: str
    name: str
    unit: str = ""
    vat: str = ""
    nearest: str = ""
    likeness: float = 0.0


def plain(text: str) -> str:
    """Text with full-width forms narrowed and all white space removed."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _index(columns: dict[str, Column]) -> dict[str, str]:
    index: dict[str, str] = {}
    for name, column in columns.items():
        for text in (column.label, name, *SYNONYMS.get(name, ())):
            key = plain(text).replace("“", "").replace("”", "").lower()
            if index.setdefault(key, name) != name:
                raise ValueError(f"heading {text} stands for both {index[key]} and {name}")
    return index


HEADINGS = _index(COLUMNS)
INVOICE_HEADINGS = _index(INVOICE_COLUMNS)

_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_UNIT_LINE = re.compile(rf"(?:金额)?(?:计量)?单位[:为]?(?:人民币)?[(:]?({_UNIT})")
_BRACKETS = re.compile(r"[(\[【{]([^()\[\]【】{}]*)[)\]】}]")
_TRAILING_UNIT = re.compile(rf"[/_,:、-]?(?:单位:?)?({_UNIT})$")
_HARMLESS = re.compile(
    rf"(?:单位:?)?(?:人民币)?(?:{_UNIT}|人|个|天|分|年|套|%)|不?含(?:增值)?税价?|不?含增值税|价税合计|必填|选填|可选|盖章|公章|全称|"
    r"是否?|否|有|无|[√×yYnN]|[A-Da-d]类?|普通|零土地|鼓励类?|允许类?|限制类?|淘汰类?|18位|yyyy-mm-dd|年月日|年-月-日|万|元"
)


def read_heading(
    value: Any, index: dict[str, str] = HEADINGS, columns: dict[str, Column] = COLUMNS, nearest: bool = True
) -> Heading:
    """Understand one heading cell. Never raises; an unknown heading has an empty ``name``.

    :param nearest: look for the nearest known heading (slow).
    """
    written = " ".join(str(value).split())
    text = plain(written).strip("*★☆:").replace("“", "").replace("”", "").replace("「", "").replace("」", "").lower()
    vat = (
        "net" if re.search(r"不含(?:增值)?税", text) else "gross" if re.search(r"含(?:增值)?税|价税合计", text) else ""
    )
    unit = ""
    name = index.get(text, "")
    if not name:
        bare = text
        for inside in _BRACKETS.findall(text):
            parts = [part for part in re.split(r"[,、;/|]|或", inside) if part]
            if all(_HARMLESS.fullmatch(part) for part in parts):
                bare = re.sub(r"[(\[【{]" + re.escape(inside) + r"[)\]】}]", "", bare)
                unit = next((found[1] for part in parts if (found := re.search(rf"({_UNIT})$", part))), unit)
        bare = bare.strip("*★☆:")
        name = index.get(bare, "")
        if not name and (found := _TRAILING_UNIT.search(bare)):
            unit = unit or found[1]
            name = index.get(bare[: found.start()], "")
        if not name and vat and (without := re.sub(r"[,、/_-]?不?含(?:增值)?税", "", bare)) != bare:
            name = index.get(without, "")
        text = bare
    if name:
        return Heading(written, name, unit if columns[name].kind == "money" else "", vat)
    close = difflib.get_close_matches(text, list(index), n=1, cutoff=0.4) if nearest else []
    if not close:
        return Heading(written, "", unit, vat)
    likeness = difflib.SequenceMatcher(None, text, close[0]).ratio()
    return Heading(written, "", unit, vat, columns[index[close[0]]].label, likeness)


def unit_line(value: Any) -> str:
    """The unit that a line like 「单位：万元」 states, or empty."""
    if not isinstance(value, str):
        return ""
    found = _UNIT_LINE.search(plain(value))
    return found[1] if found else ""


def heading_of(name: str, unit: str = "元") -> str:
    """The heading under which a column is written, e.g. ``设备投资额（元，不含税）``. :param unit: of money columns."""
    column = COLUMNS.get(name) or INVOICE_COLUMNS[name]
    if column.kind != "money":
        return column.label
    return f"{column.label}（{unit}，不含税）" if name in NET_AMOUNTS else f"{column.label}（{unit}）"


#: Amounts that exclude VAT, with the fact that holds their VAT ("" = none, only a part of another amount).
NET_AMOUNTS = {
    "equipment_investment": "equipment_vat",
    "cumulative_equipment_investment": "cumulative_equipment_vat",
    "robot_investment": "robot_vat",
    "special_robot_investment": "special_robot_vat",
    "intelligent_system_investment": "intelligent_system_vat",
    "informatisation_investment": "informatisation_vat",
    "nonproductive_equipment": "",
    "cumulative_nonproductive_equipment": "",
    "equipment_in_use": "",
    "cumulative_equipment_in_use": "",
    "special_robot_off_post_investment": "",
    "robot_at_post_investment": "",
    "informatisation_audited_investment": "",
}

# ----- one cell -----


class CellError(ValueError):
    """A cell that cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that was read: its value (None = empty), and a remark or empty."""

    value: Any
    remark: str = ""


EMPTY = Cell(None)
_NONE_WORDS = frozenset(
    ("-", "--", "---", "—", "——", "/", "\\", "无", "暂无", "空", "没有", "n/a", "na", "nil", "none")
)
_ERROR_WORDS = frozenset(
    ("#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#getting_data", "#####")
)
_NUMBER = re.compile(
    rf"[¥￥$]?(-|\+)?[¥￥]?((?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d*)?|\.\d+)(?:e\+?(\d{{1,2}}))?({_UNIT}|万|亿)?(?:整)?"
)
_YES = frozenset(
    (
        "是",
        "有",
        "√",
        "✓",
        "✔",
        "☑",
        "对",
        "y",
        "yes",
        "true",
        "t",
        "1",
        "已",
        "列入",
        "符合",
        "已投入使用",
        "已投入",
        "已投产",
        "全部投入使用",
        "已备案",
        "已上云",
        "属于",
        "●",
        "○√",
    )
)
_NO = frozenset(
    (
        "否",
        "无",
        "×",
        "✗",
        "✘",
        "x",
        "☐",
        "不",
        "n",
        "no",
        "false",
        "f",
        "0",
        "未",
        "非",
        "不是",
        "未列入",
        "不符合",
        "未投入使用",
        "未投入",
        "未投产",
        "未备案",
        "未上云",
        "不属于",
        "没有",
    )
)


def is_blank(value: Any) -> bool:
    """Whether a cell is empty or only white space."""
    return value is None or value == "" or (isinstance(value, str) and not value.strip())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _refuse_error_word(text: str) -> None:
    if text.lower() in _ERROR_WORDS:
        raise CellError("单元格是公式错误值，没有可用的结果。请更正公式，或直接填写数值。")


def _odd_digits(text: str) -> bool:
    """Whether a text has digits other than ``0-9`` and their full-width forms: 5² is not 52, ⑤ and ٥ are not 5."""
    return not text.isascii() and any(
        unicodedata.category(one).startswith("N") and not ("0" <= one <= "9" or "０" <= one <= "９") for one in text
    )


def read_number(value: Any, unit: str = "", negative: bool = False) -> tuple[Decimal | None, str]:
    """The exact decimal of a cell times its unit, and a remark.

    A number cell counts with the 15 significant digits that Excel itself keeps and shows.

    :param unit: unit of the column for money (a unit in the cell overrides it), empty for other numbers.
    :raises CellError: not a number, or negative.
    """
    if is_blank(value):
        return None, ""
    own, remark = "", ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = Decimal(f"{value:.15g}")
        if not number.is_finite():
            raise CellError("不是有限的数。请填写数字。")
    elif isinstance(value, str):
        text = plain(value)
        _refuse_error_word(text)
        if re.search(r"\d\s+[\d.]", unicodedata.normalize("NFKC", value)):
            raise CellError("数字中间有空格或换行，可能是两个数。请只填写一个数。")
        if text.lower() in _NONE_WORDS:
            return Decimal(0), f"「{text}」按 0 读取。"
        found = _NUMBER.fullmatch(text.lower().removesuffix("人") if not unit else text.lower())
        if not found or _odd_digits(value):
            hint = "（括号表示负数的写法不接受）" if re.fullmatch(r"\([\d,.]+\)", text) else ""
            raise CellError(f"不是数字{hint}。请只填写阿拉伯数字，例如 1234.56；没有就填 0。")
        number = Decimal(found[2].replace(",", "")) * Decimal(10) ** int(found[3] or 0)
        number = -number if found[1] == "-" else number
        own = {"万": "万元", "亿": "亿元"}.get(found[4] or "", found[4] or "")
        if own and not unit:
            raise CellError("这一列不是金额，不应带金额单位。请只填写数字。")
    else:
        raise CellError("不是数字。请设置单元格格式为「数值」后重新填写。")
    if number < 0 and not negative:
        raise CellError("不能为负数。请填写不小于 0 的数。")
    if own and own != unit:
        remark = f"单元格自带单位「{own}」，按「{own}」读取，不按本列的「{unit}」。"
    return number * UNITS.get(own or unit, 1), remark


def read_money(value: Any, unit: str = "元", negative: bool = False) -> Cell:
    """Yuan, exact to the fen. :raises CellError: not a number, negative, finer than a fen, or absurdly large."""
    yuan, remark = read_number(value, unit, negative)
    if yuan is None:
        return EMPTY
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise CellError(
            "精确到了分以下（万元最多 6 位小数，元最多 2 位），本程序不替您四舍五入。请改为准确到分的金额。"
        )
    if abs(yuan) >= MOST_YUAN:
        raise CellError(f"折合 {yuan:,.0f} 元，超出可能的范围。请核对金额和单位。")
    return Cell(float(yuan), remark)


def read_plain_number(value: Any) -> Cell:
    """A number that is not money, not negative. :raises CellError:"""
    number, remark = read_number(value)
    return EMPTY if number is None else Cell(float(number), remark)


def read_count(value: Any) -> Cell:
    """A whole number, not negative. :raises CellError:"""
    number, remark = read_number(value)
    if number is None:
        return EMPTY
    if number != number.to_integral_value() or number > 10**12:
        raise CellError("应为整数。请填写不小于 0 的整数。")
    return Cell(int(number), remark)


def read_flag(value: Any) -> Cell:
    """Yes or no. :raises CellError:"""
    if is_blank(value):
        return EMPTY
    text = plain(_text(value)).lower()
    _refuse_error_word(text)
    if text in _YES:
        return Cell(True)
    if text in _NO or text in _NONE_WORDS:
        return Cell(False)
    raise CellError("看不出是「是」还是「否」。请填「是」或「否」。")


_DATE = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:t?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_EXCEL_EPOCH = datetime.date(1899, 12, 30)


def read_date(value: Any) -> Cell:
    """A calendar day. Takes ``2021-3-5``, ``2021.3.5``, ``2021年3月5日``, ``20210305`` and Excel's day numbers.

    :raises CellError: no such day, or not a whole date.
    """
    if is_blank(value):
        return EMPTY
    remark = ""
    if isinstance(value, datetime.datetime):
        day = value.date()
    elif isinstance(value, datetime.date):
        day = value
    else:
        text = plain(_text(value)).lower()
        _refuse_error_word(text)
        if text in _NONE_WORDS:
            return Cell(None, f"「{text}」按未填写处理。")
        found = None if _odd_digits(_text(value)) else _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
        if found:
            try:
                day = datetime.date(int(found[1]), int(found[2]), int(found[3]))
            except ValueError:
                raise CellError("没有这一天。请核对年、月、日。") from None
        elif text.isascii() and text.isdigit() and 20_000 < int(text) < 80_000:
            day = _EXCEL_EPOCH + datetime.timedelta(days=int(text))
            remark = f"是 Excel 的日期序号，按 {day} 读取。"
        else:
            raise CellError("不是完整的日期。请按「2021-03-05」的样子填写年、月、日。")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellError(f"年份不在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。请核对。")
    return Cell(day, remark)


def read_year(value: Any) -> Cell:
    """A claim year (int). :raises CellError:"""
    if is_blank(value):
        return EMPTY
    if isinstance(value, (datetime.date, datetime.datetime)):
        return Cell(value.year)
    text = plain(_text(value))
    _refuse_error_word(text)
    found = re.fullmatch(r"(\d{4})年?度?", text)
    if not found or _odd_digits(_text(value)) or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise CellError("不是年份。请填写四位年份，例如 2021。")
    return Cell(int(found[1]))


def read_text(value: Any) -> Cell:
    """A name, as written but for white space around it and line breaks in it."""
    if is_blank(value):
        return EMPTY
    text = " ".join(_text(value).split())
    _refuse_error_word(text)
    return Cell(text)


_QUOTED_FORMULA = re.compile(r'="([^"]*)"')


def read_id(value: Any) -> Cell:
    """A code. A leading apostrophe and Excel's ``="..."`` are undone; credit codes become upper case.

    :raises CellError: Excel has turned a long code into a number and lost its last digits, or a date.
    """
    if isinstance(value, str) and value.isascii() and value.isalnum():
        return Cell(value.upper() if len(value) == 18 else value)
    if is_blank(value):
        return EMPTY
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if abs(value) >= 10**15:
            raise CellError("编号被 Excel 存成了数字，末几位已经丢失。请把单元格设为「文本」后重新填写完整编号。")
        if value != int(value):
            raise CellError("编号不应是小数。请把单元格设为「文本」后重新填写。")
    elif not isinstance(value, str):
        raise CellError("编号被 Excel 存成了日期或其他格式。请把单元格设为「文本」后重新填写。")
    text = plain(_text(value))
    _refuse_error_word(text)
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+\d+", text):
        raise CellError("编号被存成了科学计数法，末几位已经丢失。请把单元格设为「文本」后重新填写完整编号。")
    found = _QUOTED_FORMULA.fullmatch(text)
    text = found[1] if found else text.removeprefix("'")
    return Cell(text.upper() if len(text) == 18 and text.isascii() else text) if text else EMPTY


# ----- closed lists -----


def _counties() -> dict[str, County]:
    words = {member.value: member for member in County if member is not County.unstated}
    for member in tuple(words.values()):
        label = member.value
        if label[-1] in "区县市" and member is not County.zaozhuang_shizhong and len(label) == 3:
            words[label[:-1]] = member
    words |= {
        "曲阜文化示范区": County.qufu_wenhua,
        "曲阜文化建设示范区": County.qufu_wenhua,
        "曲阜示范区": County.qufu_wenhua,
        "文化示范区": County.qufu_wenhua,
        "太白湖": County.taibaihu,
        "北湖新区": County.taibaihu,
        "济宁高新技术产业开发区": County.jining_gaoxin,
        "济宁市高新区": County.jining_gaoxin,
        "济宁国家高新区": County.jining_gaoxin,
        "济宁经济技术开发区": County.jining_jingkai,
        "济宁经济开发区": County.jining_jingkai,
        "济宁市经开区": County.jining_jingkai,
        "枣庄市高新区": County.zaozhuang_gaoxin,
        "枣庄高新技术产业开发区": County.zaozhuang_gaoxin,
        "枣庄市中区": County.zaozhuang_shizhong,
        "台儿庄": County.taierzhuang,
        "兖州市": County.yanzhou,
        "其他": County.elsewhere,
        "外地": County.elsewhere,
        "市外": County.elsewhere,
        "370882": County.yanzhou,
    }
    words |= GB2260
    words |= {code + "000000": county for code, county in GB2260.items()}
    return words


#: Words for the members of each closed list, besides labels and member names.
_WORDS: dict[type[Enum], dict[str, Any]] = {
    County: _counties(),
    ProjectType: {
        "零增地": "zero_land",
        "零土地技改": "zero_land",
        "零用地": "zero_land",
        "不新增用地": "zero_land",
        "零土地项目": "zero_land",
        "是": "zero_land",
        "否": "ordinary",
        "一般": "ordinary",
        "新增用地": "ordinary",
        "普通项目": "ordinary",
        "普通技改": "ordinary",
    },
    CatalogueCategory: {"鼓励": "encouraged", "允许": "permitted", "限制": "restricted", "淘汰": "eliminated"},
    YieldPerMu: {
        "暂不评价": "not_graded",
        "不评价": "not_graded",
        "未参评": "not_graded",
        "T": "not_graded",
        "T类": "not_graded",
        "A级": "A",
        "B级": "B",
        "C级": "C",
        "D级": "D",
        "未参加评价": "not_graded",
    },
    EnterpriseSize: {},
    Series6501: {
        "否": "none",
        "无": "none",
        "高端智能产品": "intelligent_product",
        "高端智能装备": "intelligent_product",
    },
    FundUse: {"技改": "technology_upgrading", "贴息": "loan_interest"},
}
_AMBIGUOUS_COUNTIES = {
    "市中区": "原济宁市市中区已于 2013 年并入任城区；枣庄的请写「枣庄市市中区」，济宁的请写「任城区」。",
    "370802": "这是已撤销的原济宁市市中区。请写「任城区」。",
    "高新区": "济宁、枣庄都有高新区。请写「济宁高新区」或「枣庄高新区」。",
    "经开区": "请写全称，例如「济宁经开区」。",
    "开发区": "请写全称，例如「济宁经开区」。",
}


def _name(member: Any) -> str:
    """Name of a member, or the name itself."""
    return member if isinstance(member, str) else str(member.name)


def _vocabulary(options: type[Enum]) -> dict[str, str]:
    words = {}
    for member in options:
        words[plain(member.value).upper()] = member.name
        words[member.name.upper()] = member.name
    for word, member in _WORDS.get(options, {}).items():
        words[plain(word).upper()] = _name(member)
    return words


_VOCABULARIES: dict[type[Enum], dict[str, str]] = {}


def read_choice(value: Any, options: type[Enum]) -> Cell:
    """The member name that a word stands for. :raises CellError: no such word; offers the list or the nearest names."""
    if is_blank(value):
        return EMPTY
    words = _VOCABULARIES.setdefault(options, _vocabulary(options))
    text = plain(_text(value)).upper()
    _refuse_error_word(text)
    if options is County:
        return Cell(_read_county(text, words))
    name = words.get(text)
    if name is None and text.lower() in _NONE_WORDS and "UNSTATED" in words:
        return Cell(None, f"「{text}」按未填写处理。")
    if name is None:
        raise CellError(
            f"没有这一类。请从这些里选：{'、'.join(member.value for member in options if member.name != 'unstated')}。"
        )
    return Cell(None if name == "unstated" else name)


def _read_county(text: str, words: dict[str, str]) -> str | None:
    bare = re.sub(r"^(?:中国)?(?:山东省?)?", "", text)
    short = re.sub(r"^(?:济宁市?|枣庄市?)(?=.)", "", bare)
    if re.fullmatch(r"枣庄市?市中区?", bare):
        return _name(County.zaozhuang_shizhong)
    for form in (text, bare):
        if form in words:
            return None if words[form] == "unstated" else words[form]
    ambiguous = _AMBIGUOUS_COUNTIES.get(bare)
    if ambiguous:
        raise CellError(f"不能确定是哪里：{ambiguous}")
    city = "济宁" if bare.startswith("济宁") else "枣庄" if bare.startswith("枣庄") else ""
    name = words.get(short)
    if name and city and _city_of(name) not in ("", city):
        raise CellError(f"「{short}」不属于{city}市。请核对。")
    if name:
        return name
    labels = [member.value for member in County if member is not County.unstated]
    close = difflib.get_close_matches(short, labels, n=3, cutoff=0.34) or labels[:3]
    raise CellError(
        f"不认识这个县（市、区）。最接近的是：{'、'.join(close)}。请改用规范名称或六位区划代码；不在济宁、枣庄的填「其他地区」。"
    )


def _city_of(name: str) -> str:
    number = County[name].index
    if County.rencheng.index <= number <= County.qufu_wenhua.index:
        return "济宁"
    return "枣庄" if number <= County.zaozhuang_gaoxin.index else ""


# ----- whole columns -----


@dataclass
class Values:
    """A column as read, one entry per row.

    :ivar values: float64 (money in yuan, counts), bool, int (years), datetime64[D] or object (text, member names).
    :ivar stated: whether the row states something usable. :ivar faults: row -> (message, refusal).
    """

    values: numpy.ndarray
    stated: numpy.ndarray
    faults: dict[int, tuple[str, bool]]


_DTYPES = {
    "money": "float64",
    "number": "float64",
    "count": "float64",
    "year": "int64",
    "flag": "bool",
    "date": "datetime64[D]",
}


def blank_values(column: Column, count: int) -> Values:
    """A column in which no row states anything."""
    dtype = _DTYPES.get(column.kind, "object")
    fill: Any = "" if dtype == "object" else UNSTATED_DATE if column.kind == "date" else 0
    return Values(numpy.full(count, fill, dtype=dtype), numpy.zeros(count, dtype=bool), {})


def read_column(raws: Sequence[Any], column: Column, unit: str = "元", negative: bool = False) -> Values:
    """Read all cells of a column; the same content is read once, plain numbers all at once.

    :param unit: of a money column. :param negative: whether money may be negative (credit notes).
    """
    if column.kind == "money":
        return _read_money_column(raws, column, unit, negative)
    readers: dict[str, Callable[[Any], Cell]] = {
        "text": read_text,
        "id": read_id,
        "year": read_year,
        "number": read_plain_number,
        "count": read_count,
        "flag": read_flag,
        "date": read_date,
    }
    options = column.options
    if options is not None:
        return _read_by_content(raws, column, lambda value: read_choice(value, options))
    return _read_by_content(raws, column, readers[column.kind])


def _read_by_content(raws: Sequence[Any], column: Column, read: Callable[[Any], Cell]) -> Values:
    result = blank_values(column, len(raws))
    if bool in set(map(type, raws)):  # True would share its place in a dict with 1.0
        raws = [("TRUE" if value else "FALSE") if isinstance(value, bool) else value for value in raws]
    fill = result.values.dtype.type() if result.values.dtype != object else ""
    read_values: dict[Any, Any] = {}
    blanks, messages = set(), {}
    for value in set(raws):
        try:
            cell = read(value)
            if cell.remark:
                messages[value] = (cell.remark, False)
        except CellError as error:
            cell = EMPTY
            messages[value] = (str(error), True)
        if cell.value is None:
            blanks.add(value)
        read_values[value] = fill if cell.value is None else cell.value
    if column.kind == "date":
        read_values = {raw: UNSTATED_DATE if raw in blanks else value for raw, value in read_values.items()}
    result.values[:] = [read_values[value] for value in raws]
    result.stated = numpy.array([value not in blanks for value in raws], dtype=bool) if blanks else ~result.stated
    if messages:
        result.faults = {row: messages[value] for row, value in enumerate(raws) if value in messages}
    return result


def _read_money_column(raws: Sequence[Any], column: Column, unit: str, negative: bool) -> Values:
    result = blank_values(column, len(raws))
    factor = UNITS[unit] * 100
    decimals = len(str(factor)) - 1
    numbers = numpy.full(len(raws), numpy.nan)
    kinds = set(map(type, raws))
    if kinds <= {float, int}:
        numbers[:] = raws
    else:
        if kinds & {float, int}:
            numbers[:] = [value if type(value) is float or type(value) is int else numpy.nan for value in raws]
        if str in kinds:
            _read_plain_texts(raws, numbers, decimals)
    with numpy.errstate(invalid="ignore", over="ignore"):
        scaled = numbers * factor
        fen = numpy.rint(scaled)
        # Within the 15 digits that Excel keeps; texts were checked for their decimals digit by digit.
        good = (numpy.abs(scaled - fen) <= 5e-15 * numpy.abs(scaled)) & (numpy.abs(fen) < MOST_FEN_FAST)
        if not negative:
            good &= fen >= 0
    result.values[good] = fen[good] / 100
    result.stated = good
    cache: dict[Any, Cell | str] = {"": EMPTY}
    for row in numpy.flatnonzero(~good).tolist():
        value = raws[row]
        key = (type(value), value)
        if key not in cache:
            try:
                cache[key] = read_money(value, unit, negative)
            except CellError as error:
                cache[key] = str(error)
        found = cache[key]
        if isinstance(found, str):
            result.faults[row] = (found, True)
        elif found.value is not None:
            result.values[row], result.stated[row] = found.value, True
            if found.remark:
                result.faults[row] = (found.remark, False)
    return result


def _read_plain_texts(raws: Sequence[Any], numbers: numpy.ndarray, decimals: int) -> None:
    """Fill in the numbers of texts like ``1,234.50``; what does not look so is left for the reading of single cells."""
    rows = [row for row, value in enumerate(raws) if type(value) is str and value]
    texts = unicodedata.normalize("NFKC", "\0".join([raws[row] for row in rows])).split("\0")
    if len(texts) != len(rows):  # a cell holds the separator itself
        return
    looks_plain = re.compile(rf"\s*(?:\d+|\d{{1,3}}(?:,\d{{3}})+)(?:\.\d{{1,{decimals}}})?\s*", re.ASCII).fullmatch
    for row, text in zip(rows, texts, strict=True):
        if looks_plain(text) and not _odd_digits(raws[row]):
            numbers[row] = float(text.replace(",", ""))


# ----- credit codes -----

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = numpy.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_PLACES = numpy.full(128, -1)
_PLACES[[ord(letter) for letter in _ALPHABET]] = numpy.arange(len(_ALPHABET))


def wrong_credit_codes(codes: Sequence[str]) -> dict[str, str]:
    """Codes of 18 characters that cannot be a credit code (GB 32100-2015), each with the reason in Chinese."""
    long = [code for code in codes if len(code) == 18 and code.isascii()]
    if not long:
        return {}
    letters = numpy.frombuffer("".join(long).encode(), dtype=numpy.uint8).reshape(len(long), 18)
    places = _PLACES[letters]
    right = (places >= 0).all(axis=1) & ((places[:, :17] @ _WEIGHTS + places[:, 17]) % 31 == 0)
    wrong = {}
    for number in numpy.flatnonzero(~right).tolist():
        code = long[number]
        try:
            uscc.validate(code)
        except ValidationError:
            outside = "、".join(sorted({letter for letter in code if letter not in _ALPHABET}))
            wrong[code] = (
                f"含有信用代码不使用的字符「{outside}」"
                if outside
                else f"校验码不符，第 18 位应为「{_check_digit(code)}」"
            )
    return wrong


def _check_digit(code: str) -> str:
    return _ALPHABET[-int(_PLACES[[ord(letter) for letter in code[:17]]] @ _WEIGHTS) % 31]
