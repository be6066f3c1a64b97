"""What all tests share: one thread a worker, for two of them run side by side on two cores; no deadlines."""

import os

from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# a busy machine is not a failure; what decides on landing draws the same examples every time
settings.register_profile("yeoul", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("yeoul")
