"""Which device computes, and why."""

from dataclasses import dataclass

import torch

from yeoul.errors import DeviceError


@dataclass(frozen=True)
class Device:
    """A torch device and the reason for choosing it."""

    torch: torch.device
    reason: str


def choose_device(wanted: str) -> Device:
    """Return the device called "cpu", "cuda", "cuda:1" or "mps"; "auto" takes a GPU if there is one.

    A device that was asked for and is not there is a `DeviceError`, never a silent fall-back.
    """
    if wanted == "auto":
        if torch.cuda.is_available():
            return Device(torch.device("cuda"), torch.cuda.get_device_name())
        return Device(torch.device("cpu"), "no GPU found")
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise DeviceError(
            "{name} is no device", "use cpu, cuda or mps", where="--device", values={"name": wanted}
        ) from error
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there.get(device.type, False):
        raise DeviceError(
            "{name} is not available on this machine",
            "leave --device out to use what there is",
            where="--device",
            values={"name": wanted},
        )
    return Device(device, "as asked")
