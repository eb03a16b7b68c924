"""三（六）末句: 军工资质奖励. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, Enterprise, Money, law_of_year, refuse_contradiction


class jining_2020_military_certificates__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "军工资质奖励"
    unit = "元"
    reference = "济发〔2020〕16号 三（六）末句"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        law = law_of_year(enterprise, period, parameters, "jining_2020")
        count = enterprise("military_certificates", period)
        too_many = count > law.military_certificates.certificates
        refuse_contradiction(enterprise, "military_certificates", too_many, "超过证书的种数")
        if law.readings.military_certificates == "all_three":
            count = count >= law.military_certificates.certificates
        return award(enterprise, period, parameters, "jining_2020", "military_certificates", count, JINING)
