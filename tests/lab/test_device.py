import pytest
import torch

from cuaderno.lab.device import device, peak_memory_bytes, processor, seed_everything, set_threads
from cuaderno.lab.errors import CuadernoError


def test_auto_takes_the_best_there_is():
    best = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert device().type == best and device("cpu").type == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_device_that_is_not_there_is_named():
    with pytest.raises(CuadernoError, match="no device 'cuda' here, only: cpu"):
        device("cuda")
    with pytest.raises(CuadernoError):
        device("toaster")


def test_one_seed_one_sequence():
    import random

    import numpy as np

    def draw():
        seed_everything(3)
        return random.random(), np.random.rand(), torch.rand(1).item()

    assert draw() == draw()


def test_threads():
    before = torch.get_num_threads()
    set_threads(1)
    assert torch.get_num_threads() == 1
    set_threads(0)
    assert torch.get_num_threads() == 1
    torch.set_num_threads(before)


def test_the_machine_has_a_name_and_memory():
    assert "cores" in processor() and peak_memory_bytes() > 10 << 20
