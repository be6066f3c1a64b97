"""What the allocator keeps between what is in use goes back to the system."""

import subprocess
import sys

import pytest

PROGRAM = """
import torch
from yeoul.training.memory import give_memory_back

def resident():
    line = next(line for line in open("/proc/self/status") if line.startswith("VmRSS"))
    return int(line.split()[1]) >> 10

torch.ones(4 << 20).sum()  # freed: from now on blocks up to 16 MB come from the heap
blocks = [torch.ones(1 << 18) for _ in range(400)]  # 400 MB
kept = blocks[::40]
blocks.clear()
before = resident()
give_memory_back()
print(before - resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc keeps memory so")
def test_what_is_free_between_blocks_in_use_is_given_back():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 200
