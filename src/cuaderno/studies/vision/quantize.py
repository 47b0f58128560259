"""The network as the browser has it: norms folded into the convolutions before them, matrices rounded to 8 bits."""

from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.quantize import dequantize, quantize
from cuaderno.studies.vision.model import PictureNet, folded


class PageNet(nn.Module):
    """Says the same as the network that it is made of, in the few operations that a page knows.

    Shapes:  pixels (B, 3, size, size) -> logits (B, num_classes), divided by the temperature.
    Units:   pixels in RGB between 0 and 1.
    """

    def __init__(self, model: PictureNet):
        super().__init__()
        self.convolutions = [(weight.float(), bias.float()) for weight, bias in folded(model.eval())]
        self.head = model.head.weight.detach().float() / model.head.in_features / model.temperature[0]
        self.stride = model.stem.stride[0]

    def forward(self, pixels: Tensor) -> Tensor:
        return self.classify(self.embed(pixels))

    def embed(self, pixels: Tensor) -> Tensor:
        """What the picture shows anywhere.  Shapes:  (B, 3, size, size) -> (B, features)."""
        (weight, bias), *rest = self.convolutions
        x = F.relu(F.conv2d(pixels, weight, bias, stride=self.stride))
        for (first, first_bias), (second, second_bias) in zip(rest[::2], rest[1::2], strict=True):
            x = F.relu(F.max_pool2d(F.conv2d(x, first, first_bias, padding=1), 2))
            x = F.relu(F.conv2d(x, second, second_bias, padding=1))
        return x.amax((2, 3))

    def classify(self, features: Tensor) -> Tensor:
        """The head alone.  Shapes:  (B, features) -> (B, num_classes)."""
        return F.linear(features, self.head)

    def weights(self) -> dict[str, Tensor]:
        """By the names that model.js knows, rows in the order height, width, channel.

        The first layer and the head are vectors, which are not rounded: they are small, and on them hangs everything.
        """
        (stem, stem_bias), *rest = self.convolutions
        weights = {"stem.weight": stem.permute(0, 2, 3, 1).flatten(), "stem.bias": stem_bias}
        for number, (weight, bias) in enumerate(rest):
            name = f"group_{number // 2 + 1}.conv_{number % 2 + 1}"
            weights |= {f"{name}.weight": weight.permute(0, 2, 3, 1).flatten(1), f"{name}.bias": bias}
        return weights | {"head.weight": self.head.flatten()}


def rounded(net: PageNet) -> PageNet:
    """The same with every matrix as the browser has it: rounded to 8 bits a row, in place."""
    for weight, _ in net.convolutions[1:]:
        weight.copy_(dequantize(*quantize(weight.flatten(1))).view_as(weight))
    return net
