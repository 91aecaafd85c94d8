"""The prober as this daemon uses it: every file in `probes/`, the owner's declarations, the configured limit."""

from corral_daemon import probes
from corral_daemon.probing import Bench, Prober, discover
from corral_daemon.settings import Settings


def make_prober(settings: Settings) -> Prober:
    return Prober(discover(probes), Bench(settings.declared), settings.max_concurrent)
