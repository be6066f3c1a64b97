"""The line that says what computes."""

import platform

from yeoul import __version__
from yeoul.language import say


def version_line(device_name: str) -> str:
    """Name Yeoul, Python, torch, the device that `device_name` leads to, and why; raise `DeviceError`."""
    import torch

    from yeoul.kernels import backend
    from yeoul.kernels.devices import choose_device

    device = choose_device(device_name)
    values = {
        "yeoul": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": str(device.torch).upper(),
        "threads": torch.get_num_threads(),
        "kernels": backend().name,
        "reason": _reason(device.reason),
    }
    return say(
        "yeoul {yeoul} · Python {python} · torch {torch} · {device}, {threads} threads, "
        "{kernels} kernels ({reason})",
        values,
    )


def _reason(reason: str) -> str:
    match reason:
        case "no GPU found":
            return say("no GPU found")
        case "as asked":
            return say("as asked")
        case _:
            return reason
