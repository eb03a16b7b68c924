"""Profiles of hypothesis: a short one that repeats itself for every run of the tests, a long one for the proof."""

from hypothesis import HealthCheck, settings

ALWAYS = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("proof", max_examples=300, **ALWAYS)
settings.register_profile("quick", max_examples=15, derandomize=True, **ALWAYS)
if settings.get_current_profile_name() not in ("proof",):  # 命令行选的在先
    settings.load_profile("quick")
