"""Closed lists that facts are drawn from. Labels are what an analyst reads.

Counties: GB/T 2260 (as of 2024); the development zones that act as county-level units have no code there and carry labels
of our own. 370871 is a code of the statistics bureau only.
"""

from __future__ import annotations

from typing import Any

import numpy
from openfisca_core.indexed_enums import Enum


class County(Enum):
    """County-level unit where the enterprise is registered."""

    unstated = "未填写"
    rencheng = "任城区"
    yanzhou = "兖州区"
    weishan = "微山县"
    yutai = "鱼台县"
    jinxiang = "金乡县"
    jiaxiang = "嘉祥县"
    wenshang = "汶上县"
    sishui = "泗水县"
    liangshan = "梁山县"
    qufu = "曲阜市"
    zoucheng = "邹城市"
    jining_gaoxin = "济宁高新区"
    taibaihu = "太白湖新区"
    jining_jingkai = "济宁经开区"
    qufu_wenhua = "曲阜文化建设示范区"
    zaozhuang_shizhong = "枣庄市市中区"
    xuecheng = "薛城区"
    yicheng = "峄城区"
    taierzhuang = "台儿庄区"
    shanting = "山亭区"
    tengzhou = "滕州市"
    zaozhuang_gaoxin = "枣庄高新区"
    elsewhere = "其他地区"


GB2260 = {
    "370811": County.rencheng,
    "370812": County.yanzhou,
    "370826": County.weishan,
    "370827": County.yutai,
    "370828": County.jinxiang,
    "370829": County.jiaxiang,
    "370830": County.wenshang,
    "370831": County.sishui,
    "370832": County.liangshan,
    "370881": County.qufu,
    "370883": County.zoucheng,
    "370871": County.jining_gaoxin,
    "370402": County.zaozhuang_shizhong,
    "370403": County.xuecheng,
    "370404": County.yicheng,
    "370405": County.taierzhuang,
    "370406": County.shanting,
    "370481": County.tengzhou,
}

_COUNTIES = list(County)


def _between(first: Any, last: Any) -> tuple[Any, ...]:
    return tuple(_COUNTIES[_COUNTIES.index(first) : _COUNTIES.index(last) + 1])


JINING = _between(County.rencheng, County.qufu_wenhua)
ZAOZHUANG = _between(County.zaozhuang_shizhong, County.zaozhuang_gaoxin)
SHANDONG = JINING + ZAOZHUANG


def located_in(county, counties):
    """Whether each county is one of ``counties``. Bool array over the rows of ``county``."""
    return numpy.isin(numpy.asarray(county), [member.index for member in counties])


class ProjectType(Enum):
    """Land use of the project."""

    ordinary = "普通"
    zero_land = "零土地"


class CatalogueCategory(Enum):
    """Category in the national industrial catalogue (产业结构调整指导目录)."""

    unstated = "未填写"
    encouraged = "鼓励类"
    permitted = "允许类"
    restricted = "限制类"
    eliminated = "淘汰类"


class YieldPerMu(Enum):
    """Yield-per-mu evaluation (亩产效益评价)."""

    unstated = "未填写"
    A = "A类"
    B = "B类"
    C = "C类"
    D = "D类"
    not_graded = "未评价"


class EnterpriseSize(Enum):
    """Size by 工信部联企业〔2011〕300号 (industry)."""

    large = "大型"
    medium = "中型"
    small = "小型"
    micro = "微型"


class Series6501(Enum):
    """The six series and the park of the 6501 project."""

    none = "未列入"
    electronics = "电子信息制造业示范企业"
    software = "软件和信息服务业示范企业"
    fusion = "两化融合示范企业"
    intelligent_line = "智能生产线"
    intelligent_product = "高端智能产品（装备）"
    it_project = "信息产业重点项目"
    park = "智慧化示范工业园区"


class Cluster(Enum):
    """The six clusters of 济发〔2020〕16号 (「231」产业集群)."""

    unstated = "未填写"
    high_end_equipment = "高端装备"
    high_end_chemicals = "高端化工"
    information_technology = "新一代信息技术"
    new_energy = "新能源"
    new_materials = "新材料"
    medicine = "医药"
    outside = "集群之外"


class FundUse(Enum):
    """Uses of the 2021 special fund, in the order of 济发〔2020〕16号 三（六）."""

    technology_upgrading = "技术改造"
    loan_interest = "贷款贴息"
    bridge_loan = "过桥还贷"
    national_platform = "国家级平台创建"
    investment_promotion = "招商引资"
    talent_attraction = "招才引智"
    market_development = "市场开拓"
    talent_training = "人才培养"
    other = "其他"


class Measure(Enum):
    """Yanzhou measure a project is applied for."""

    none = "未申报或不获支持"
    equipment = "装备升级奖补（设备）"
    robots = "装备升级奖补（机器人）"
    informatisation = "信息化提升奖补"
    consortium = "强链条壮集群技改奖补"
    several = "多项措施"
