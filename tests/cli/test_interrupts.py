"""The first Ctrl-C asks, the second leaves."""

import signal
import subprocess
import sys

import pytest

WAITING = """
import signal, sys, time
from yeoul.cli.interrupts import interrupts_caught
with interrupts_caught(False) as stopping:
    stopping.stepping = sys.argv[1] == "stepping"
    try:
        print("ready", flush=True)
        while not stopping():
            time.sleep(0.01)
        print("asked", flush=True)
        if sys.argv[2] == "deaf":
            while True:
                time.sleep(0.01)
    except KeyboardInterrupt:
        print("broken off", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("state", "said"), [("stepping", "asked"), ("reading", "broken off")])
def test_the_first_signal_asks_while_stepping_and_breaks_off_elsewhere(
    number: signal.Signals, state: str, said: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, state, "polite"], stdout=-1, stderr=-1, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert out == f"{said}\n"
    assert ("press Ctrl-C again" in err) == (state == "stepping")
    assert process.returncode == 0


def test_the_second_signal_leaves_at_once() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, "stepping", "deaf"], stdout=-1, stderr=-1, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "asked\n"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
