"""What Muon does to an update: make it orthogonal, so that no direction of a matrix learns faster than another.

Source:  Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/; the coefficients: Amsel et al. 2025
         (Polar Express), arXiv:2505.16932.
"""

from torch import Tensor

# One quintic per Newton-Schulz step, each the best for what the one before leaves. Three bring singular values between
# 0.2 and 1.9; five would bring them to 1, at a price that models this small do not earn back.
POLAR_EXPRESS = (
    (8.156554524902461, -22.48329292557795, 15.878769915207462),
    (4.042929935166739, -2.808917465908714, 0.5000178451051316),
    (3.8916678022926607, -2.772484153217685, 0.5060648178503393),
)


def orthogonalize(matrix: Tensor) -> Tensor:
    """A matrix with the same directions, and nearly the same strength in all of them.  Shapes:  (R, C) -> (R, C)."""
    tall = matrix.size(0) > matrix.size(1)
    x = matrix.t() if tall else matrix
    x = x / (x.norm() * 1.01 + 1e-7)
    for a, b, c in POLAR_EXPRESS:
        square = x @ x.t()
        x = a * x + (b * square + c * square @ square) @ x
    return x.t() if tall else x
