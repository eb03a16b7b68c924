"""The choices of every reading that moves one of the eleven instruments, the default first."""

CHOICES = {
    "common.rounding": [
        "half_up",
        "truncate",
        "half_even",
        "half_up_per_project",
    ],
    "common.grant_base_vat": [
        "net_of_vat",
        "gross_of_vat",
    ],
    "common.threshold_whole_or_excess": [
        "whole_base",
        "excess_only",
    ],
    "common.threshold_unit": [
        "per_project",
        "per_enterprise_sum",
    ],
    "common.cap_allocation_across_projects": [
        "largest_first",
        "pro_rata",
        "enterprise_choice",
    ],
    "common.cross_cap_levels": [
        "separate_caps",
        "joint_cap",
    ],
    "jining_2017.life": [
        "target_period_2017_2021",
        "until_consolidated_2020_12_31",
        "five_years_from_issue",
        "open_until_repealed",
    ],
    "jining_2017.first_year": [
        "from_issue_date",
        "thirty_days_after_issue",
        "whole_2017",
        "purchases_from_issue_date",
        "from_2018",
    ],
    "jining_2017.cap_scope": [
        "per_enterprise_per_year",
        "per_enterprise_policy_life",
        "per_project",
    ],
    "jining_2017.cap_year": [
        "claim_year",
        "invoice_year",
    ],
    "jining_2017.equipment_and_robot_same_invoice": [
        "cumulative",
        "one_invoice_one_award",
        "robot_excluded_from_equipment",
    ],
    "jining_2017.robot_base": [
        "robot_and_system_invoices",
        "all_equipment_purchases",
    ],
    "jining_2017.robot_base_vat": [
        "net_of_vat",
        "gross_of_vat",
    ],
    "jining_2017.year_scope": [
        "year_ordinary_only_encouraged_both",
        "both_tests_both_limbs",
        "both_tests_ordinary_only",
    ],
    "jining_2017.zero_land_plant": [
        "both_existing_any_title",
        "owned_only",
        "either_land_or_plant",
    ],
    "jining_2017.grant_year": [
        "invoices_of_qualifying_year_paid_when_in_use",
        "all_project_invoices_when_completed",
    ],
    "jining_2017.in_use": [
        "all_in_use",
        "pay_on_part_in_use",
        "any_use_suffices",
    ],
    "jining_2017.base_productive_only": [
        "same_quantity",
        "threshold_all_base_productive",
    ],
    "jining_2017.robot_and_system_conjunction": [
        "either",
        "both_required",
    ],
    "jining_2017.robot_limbs_relation": [
        "separate_bases_separate_caps",
        "overall_cap_200",
        "choose_one_limb",
        "additive_15_percent",
    ],
    "jining_2017.special_robot_base": [
        "special_robot_invoices",
        "all_robot_invoices",
        "all_equipment_purchases",
    ],
    "jining_2017.special_robot_definition": [
        "type_and_post",
        "type_only",
        "post_only",
    ],
    "jining_2017.zone_pool_scope": [
        "citywide_ceiling",
        "citywide_committed",
        "per_zone",
        "absorbs_3_percent",
    ],
    "jining_2017.zone_pool_allocation": [
        "assessed_awards",
        "pro_rata_investment",
        "equal_shares",
    ],
    "jining_2017.zone_pool_rationing": [
        "protected_first_then_pro_rata",
        "pro_rata",
        "first_come",
    ],
    "jining_2017.priority_scope": [
        "all_of_paragraph",
        "pool_only",
    ],
    "jining_2020.special_fund_period": [
        "annual_appropriation",
        "one_off_total",
        "annual_until_2025",
    ],
    "jining_2020.special_fund_relation": [
        "consolidates_and_caps",
        "consolidates_no_cap",
        "additional",
    ],
    "jining_2020.special_fund_rationing": [
        "pro_rata",
        "first_come",
        "priority_order",
        "protected_first",
    ],
    "yanzhou_2020.city_district_overlap": [
        "looks_back_city_first",
        "district_zero_if_any_other_fiscal",
        "never_both_better_of_two",
        "district_first",
        "top_up_difference",
        "cumulative",
    ],
    "yanzhou_2020.robot_base": [
        "project_equipment_investment",
        "robot_purchase_only",
        "robot_5_rest_3",
    ],
    "yanzhou_2020.same_project_limbs": [
        "choose_one_best",
        "split_by_cost_item",
        "cumulative",
    ],
    "yanzhou_2020.cap_scope": [
        "per_enterprise_per_year_per_measure",
        "per_enterprise_validity_period",
        "shared_equipment_cap",
        "per_project",
    ],
    "yanzhou_2020.one_application": [
        "strict_membership_counts",
        "strict_membership_free",
        "soft_exceptions",
    ],
    "yanzhou_2020.uplift_double": [
        "single_uplift",
        "cumulative_uplift",
    ],
    "yanzhou_2020.uplift_and_cap": [
        "cap_unchanged",
        "cap_before_uplift",
    ],
    "yanzhou_2020.validity_event": [
        "application_date",
        "invoice_date",
        "completion_date",
        "filing_date",
    ],
    "yanzhou_2020.consortium_cap_unit": [
        "per_consortium",
        "per_member",
    ],
    "yanzhou_2020.d_in_consortium": [
        "forfeit_share",
        "exclude_member_and_retest",
        "redistribute_share",
        "bar_whole_consortium",
    ],
    "yanzhou_2020.d_lead": [
        "as_member",
        "barred",
    ],
    "yanzhou_2020.uplift_scope": [
        "all_measures",
        "equipment_only",
    ],
    "yanzhou_2020.it_system_scope": [
        "any_listed_system_project",
        "integration_of_several",
    ],
    "yanzhou_2020.uplift_in_consortium": [
        "member_own_rate_scaled",
        "uplift_last",
        "base_last",
        "lead_status_governs",
        "pooled_then_pro_rata",
        "no_uplift",
    ],
    "yanzhou_2020.consortium_sme_share": [
        "sme_members_over_total_lead_included_if_sme",
        "non_lead_smes_only",
    ],
    "yanzhou_2020.fund_cap": [
        "uncapped_entitlement",
        "capped_supply_amount",
    ],
    "yanzhou_2020.consortium_member_double": [
        "no_same_project_once",
        "both",
    ],
    "yanzhou_2020.lead_two_projects": [
        "one_consortium_one_own_per_year",
        "two_consortia",
        "any_two",
    ],
    "yanzhou_2020.uplift_meaning": [
        "percentage_point",
        "relative_one_percent",
    ],
    "yanzhou_2020.consortium_eligibility_structure": [
        "either_lead_type_two_members",
        "both_lead_types",
    ],
    "yanzhou_2020.year_meaning": [
        "calendar_year",
        "policy_year",
    ],
    "yanzhou_2020.d_and_tier": [
        "d_bars",
        "tier_offsets",
    ],
    "yanzhou_2020.tier_list_period": [
        "latest_before_application",
        "project_year",
    ],
    "yanzhou_2020.clean_record_window": [
        "rolling_36_months",
        "three_calendar_years",
    ],
    "yanzhou_2020.it_amount_evidence": [
        "invoice_too",
        "contract_or_audit",
    ],
    "zaozhuang_2020.life": [
        "three_years_2020_2022",
        "five_years_from_issue",
        "open_until_repealed",
    ],
    "zaozhuang_2020.first_day": [
        "from_issue_date",
        "thirty_days_after_issue",
        "whole_2020",
    ],
    "zaozhuang_2020.equipment_grant_terms": [
        "rate_only_uncapped",
        "refuse_without_terms",
        "supplied_terms",
    ],
    "zaozhuang_2020.interest_subsidy_terms": [
        "rate_only_uncapped",
        "refuse_without_terms",
        "supplied_terms",
    ],
    "zaozhuang_2020.interest_base": [
        "actual_interest_paid",
        "benchmark_interest",
        "lower_of_actual_and_benchmark",
    ],
    "zaozhuang_2020.interest_days": [
        "year_360",
        "year_365",
    ],
    "zaozhuang_2020.grant_and_interest_stacking": [
        "cumulative",
        "choose_one",
        "split_financing",
    ],
    "zaozhuang_2020.raised_to_or_by": [
        "new_level",
        "increment",
    ],
}
