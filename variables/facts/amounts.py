"""Money a project states, in yuan without VAT unless said otherwise, and the VAT that belongs to it."""

from openfisca_jining.model import (
    NO_DATE,
    YEAR,
    Fact,
    Project,
    datetime64,
    is_stated,
    maximum,
    national_at,
    numpy,
    refuse_contradiction,
    settle,
    where,
)


def vat_on(project, period, parameters, net):
    """VAT on net amounts at the standard rate on the invoice date; no invoice date: the date of application, here or to the city,
    else the year's end (yuan). :raises BadFact: an invoice older than the tax."""
    date = project.filled_array(datetime64(str(period.stop), "D"), dtype="datetime64[D]")
    for name in ("city_application_date", "application_date", "invoice_date"):
        stated = project(name, period)
        date = where(stated != NO_DATE, stated, date)
    rate = national_at(project, period, parameters, date, "vat.machinery")
    refuse_contradiction(project, "invoice_date", (net > 0) & numpy.isnan(rate), "早于增值税，没有税率可用")
    return settle(where(net > 0, net * rate, 0.0))


class equipment_investment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备投资额"
    unit = "元"
    documentation = (
        "申报年度内开票的设备投资额，不含税，包含机器人。"
        "兖州、枣庄没有写「当年内」，跨年项目以前年度的发票算不算，文件未定，按所填的数计算。缺省：0。"
    )


class cumulative_equipment_investment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "项目累计设备投资额"
    unit = "元"
    documentation = (
        "项目 2017 年至申报年度全部设备发票金额，不含税；零土地项目按此计算。"
        "以前年度申报得过补助的发票再次申报时算不算，文件未定，按所填的数计算。缺省：等于设备投资额。"
    )

    def formula(project, period):
        return project("equipment_investment", period)


class nonproductive_equipment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "非生产性设备额"
    unit = "元"
    documentation = "设备投资额中不属于「生产性设备」的部分。缺省：0。"


class cumulative_nonproductive_equipment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "累计非生产性设备额"
    unit = "元"
    documentation = "项目累计设备投资额中不属于「生产性设备」的部分，零土地项目按此扣除。缺省：等于非生产性设备额。"

    def formula(project, period):
        return project("nonproductive_equipment", period)


class equipment_in_use(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "已投入使用的设备额"
    unit = "元"
    documentation = "设备投资额里的生产性设备已投入使用的部分。缺省：全部投入使用的为全部设备，否则为 0。"

    def formula(project, period):
        invoiced = maximum(project("equipment_investment", period), project("cumulative_equipment_investment", period))
        return where(project("in_use", period), invoiced, 0.0)


class cumulative_equipment_in_use(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "累计已投入使用的设备额"
    unit = "元"
    documentation = (
        "项目累计设备投资额里的生产性设备已投入使用的部分，零土地项目按此计算。缺省：等于已投入使用的设备额。"
    )

    def formula(project, period):
        return project("equipment_in_use", period)


class robot_investment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人投资额"
    unit = "元"
    documentation = "工业机器人购置额（不含特种机器人），不含税，包含在设备投资额内。缺省：0。"


class special_robot_investment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "特种机器人投资额"
    unit = "元"
    documentation = "特种机器人购置额，不含税，包含在设备投资额内。缺省：0。"


class special_robot_off_post_investment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "未用于高危关键岗位的特种机器人投资额"
    unit = "元"
    documentation = "特种机器人投资额中未用于高危关键岗位的部分。缺省：0。"


class robot_at_post_investment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "用于高危关键岗位的普通机器人投资额"
    unit = "元"
    documentation = "机器人投资额中用于高危关键岗位的部分，只在按岗位认定的读法下使用。缺省：0。"


class intelligent_system_investment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "智能化制造系统投资额"
    unit = "元"
    documentation = "不含税；与设备投资额分开填写，不要求包含在内。奖励按全部设备款计算的读法下，取设备投资额与机器人加系统两者中较大的。缺省：0。"


class informatisation_investment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "信息化投资额"
    unit = "元"
    documentation = "ERP、MES、SCM、WMS 等系统集成应用的软硬件投资，不含税。缺省：0。"


class informatisation_audited_investment(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "信息化投资审定额"
    unit = "元"
    documentation = "按合同或审计确定的信息化投资。缺省：等于信息化投资额。"

    def formula(project, period):
        return project("informatisation_investment", period)


class equipment_vat(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备发票税额"
    unit = "元"
    documentation = "缺省：不含税金额乘以发票日期的增值税基本税率。"

    def formula(project, period, parameters):
        return vat_on(project, period, parameters, project("equipment_investment", period))


class cumulative_equipment_vat(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "累计设备发票税额"
    unit = "元"
    documentation = "缺省：不含税金额乘以发票日期的增值税基本税率；填了当年的设备发票税额的，当年部分用所填的税额。"

    def formula(project, period, parameters):
        whole = project("cumulative_equipment_investment", period)
        known = is_stated(project, period, "equipment_vat")
        other = where(known, whole - project("equipment_investment", period), whole)
        return where(known, project("equipment_vat", period), 0.0) + vat_on(project, period, parameters, other)


class robot_vat(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人发票税额"
    unit = "元"
    documentation = "缺省：不含税金额乘以发票日期的增值税基本税率。"

    def formula(project, period, parameters):
        return vat_on(project, period, parameters, project("robot_investment", period))


class special_robot_vat(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "特种机器人发票税额"
    unit = "元"
    documentation = "缺省：不含税金额乘以发票日期的增值税基本税率。"

    def formula(project, period, parameters):
        return vat_on(project, period, parameters, project("special_robot_investment", period))


class intelligent_system_vat(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "智能化制造系统发票税额"
    unit = "元"
    documentation = "缺省：不含税金额乘以发票日期的增值税基本税率。"

    def formula(project, period, parameters):
        return vat_on(project, period, parameters, project("intelligent_system_investment", period))


class informatisation_vat(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "信息化发票税额"
    unit = "元"
    documentation = "缺省：不含税金额乘以发票日期的增值税基本税率。"

    def formula(project, period, parameters):
        return vat_on(project, period, parameters, project("informatisation_investment", period))


class assessed_award(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "重大项目评定奖励额"
    unit = "元"
    documentation = "市级对开发区内重大技改项目评定的奖励额。缺省：0。"


class loan_interest_paid(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "贷款利息"
    unit = "元"
    documentation = "技术改造贷款在申报年度内实际支付的利息。缺省：0。"


class loan_principal(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "贷款本金"
    unit = "元"
    documentation = "技术改造贷款本金。缺省：0。"


class other_fiscal_money(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "已获其他财政资金"
    unit = "元"
    documentation = "同一项目已经取得的、本模型不计算的财政资金。缺省：0。"


class special_fund_claim(Fact):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "工业发展专项资金其他申请额"
    unit = "元"
    documentation = "本模型不计算的、向 2021 年起的工业发展专项资金提出的申请。缺省：0。"
