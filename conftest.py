"""Hypothesis for every test: no example is failed for being slow. CORRAL_TEST_PROFILE=thorough looks much longer."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("usual", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=5_000)
settings.load_profile(os.environ.get("CORRAL_TEST_PROFILE", "usual"))
