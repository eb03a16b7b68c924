"""The four entities and their legal meaning. Groups list their members under the key ``projects``."""

from typing import Any

from openfisca_core.entities import build_entity

Project = build_entity(
    key="project",
    plural="projects",
    label="技术改造项目",
    doc="一个企业在一个申报年度内申报的一个技术改造项目，是奖补的计算单位。",
    is_person=True,
)

_MEMBER: Any = [{"key": "project", "plural": "projects", "label": "项目", "doc": "属于该组的项目。"}]

Enterprise = build_entity(
    key="enterprise",
    plural="enterprises",
    label="企业",
    doc="独立法人企业。「单个企业最高」的限额在这里生效，企业的事实只填一次。",
    roles=_MEMBER,
)

Consortium = build_entity(
    key="consortium",
    plural="consortia",
    label="技改共同体",
    doc="兖州区意见四.3 的技改共同体；没有参加共同体的项目自成一组。",
    roles=_MEMBER,
)

City = build_entity(
    key="city",
    plural="cities",
    label="市",
    doc="市级财政。资金池按付款的财政核算，由企业注册地决定，与分组写法无关；本组用于市级事实和汇总。",
    roles=_MEMBER,
)

entities = [Project, Enterprise, Consortium, City]
