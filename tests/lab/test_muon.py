"""An update of Muon turns in the directions of the gradient, in all of them nearly alike."""

import pytest
import torch

from cuaderno.lab.muon import orthogonalize


@pytest.mark.parametrize("shape", [(24, 24), (16, 40), (40, 16)])
def test_an_orthogonalized_matrix_has_singular_values_around_one(shape):
    torch.manual_seed(0)
    matrix = torch.randn(shape)
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    seen = u.t() @ orthogonalize(matrix) @ v.t()
    assert ((seen.diagonal() > 0.1) & (seen.diagonal() < 1.9)).all()
    assert seen.fill_diagonal_(0).abs().max() < 1e-3, "the directions stay"
    assert not orthogonalize(torch.zeros(shape)).any()
