"""Settings for tests, from what a test chooses."""

from typing import Any

from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import RunSettings


def settings_of(**given: Any) -> RunSettings:
    """Resolve settings as on a machine with one core."""
    return resolve(Config(**given), cores=1)
