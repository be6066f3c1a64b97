"""A sound is learned and written like a text, sample by sample, and the past is never worked out again."""

import struct
import wave

import numpy as np
import pytest
import torch

import yeoul
from yeoul.models.language import build_language_model
from yeoul.recipe import DecoderRecipe
from yeoul.session import finishing
from yeoul.sound import mu_law
from yeoul.sound.rendering import render
from yeoul.sound.wav import write_wav
from yeoul.tasks.generation.manner import Manner

NETWORK = {"kind": "wavenet", "channels": 6, "skip_channels": 8, "num_layers": 5}


@pytest.fixture
def chirp():
    """Two seconds that rise from 100 to 1,000 Hz and fade."""
    times = np.arange(2 * mu_law.RATE) / mu_law.RATE
    return np.exp(-times) * np.sin(2 * np.pi * (100 * times + 225 * times**2))


def test_sample_by_sample_is_the_same_as_all_at_once_and_needs_no_more_memory(chirp):
    torch.manual_seed(0)
    model = build_language_model(DecoderRecipe(network=NETWORK), 256, carries=False).eval()
    ids = torch.from_numpy(mu_law.encode(chirp[:200]).astype(np.int64))[None]
    with torch.inference_mode():
        whole, _ = model(ids, model.start(None, 1), None)
        state = model.start(None, 1)
        size = sum(part.numel() for part in state)
        for place in range(ids.shape[1]):
            told, state = model.step(ids[:, place], state, None)
            torch.testing.assert_close(told.logits, whole.logits[:, place], rtol=1e-5, atol=1e-5)
    # a ring for each layer, as long as the layer looks back: 1 + 2 + 4 + 8 + 16 steps of 6 channels, and the clock
    assert sum(part.numel() for part in state) == size == 31 * 6 + 1


@pytest.mark.slow
def test_from_a_wav_to_a_wav(tmp_path, monkeypatch, chirp):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
    write_wav(tmp_path / "소리.wav", np.tile(chirp, 4), mu_law.RATE)
    recipe = tmp_path / "소리.toml"
    recipe.write_text(
        'task = "generate"\n[text]\nunit = "character"\nmin_count = 1\n[language]\nwindow = 256\n'
        '[model.network]\nkind = "wavenet"\nchannels = 8\nskip_channels = 16\nnum_layers = 4\n'
        "[training]\nepochs = 1\nbatch_size = 4\nmax_steps = 20\nrate = 1e-2\n",
        "utf-8",
    )
    run = yeoul.train(recipe, out=tmp_path, source=str(tmp_path / "소리.wav"))
    said = run.generate("", Manner(tokens=800), seed=1)
    assert mu_law.is_sound(said.text)
    done = render(said.text, tmp_path / "새 소리.wav")
    assert done.seconds == pytest.approx(0.1)
    with wave.open(str(tmp_path / "새 소리.wav")) as sound:
        written = struct.unpack(f"<{sound.getnframes()}h", sound.readframes(-1))
    levels = mu_law.encode(np.array(written) / 32768)
    assert (levels == mu_law.as_levels(said.text)).all()
