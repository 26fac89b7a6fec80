"""Silence for what is not ours to mend: TensorFlow, deprecations, telemetry.

Import before anything of Rasa.
"""

import os
import warnings

QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "SANIC_WORKERS": "1",
    "LOG_LEVEL": "ERROR",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "PYTHONWARNINGS": "ignore",
    # One sentence is little to multiply: a second thread only spins until the next.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


def hush() -> None:
    """Set the environment and drop every warning of this process and its children."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    warnings.simplefilter("ignore")
    import skops.io  # noqa: F401  (imported after Rasa it takes ten seconds longer)

    warnings.filterwarnings = _unmoved
    warnings.simplefilter = _unmoved


def _unmoved(*_arguments: object, **_options: object) -> None:
    """Libraries that switch their warnings on again are not heard."""
