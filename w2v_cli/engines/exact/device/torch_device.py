"""Find the device, and how much memory it has."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.errors import RunError

if TYPE_CHECKING:
    import torch

_INSTALL = "pip install 'w2v-cli[gpu]'"
#: What PyTorch and the card's driver take besides.
_RESERVE = 1 << 30


def find_device(name: str) -> "torch.device":
    """Return the device of that name.

    Raises RunError where PyTorch or a card is missing; nothing else takes its place.
    """
    try:
        import torch
    except ImportError as error:
        raise RunError(f"--device {name} needs PyTorch ({error}); install it: {_INSTALL}") from None
    if name == "cuda" and not torch.cuda.is_available():
        raise RunError(
            f"--device {name}: PyTorch {torch.__version__} finds no CUDA card here; install its"
            f" driver and a PyTorch built for it ({_INSTALL}), or train with --device cpu"
        )
    return torch.device(name)


def free_memory(device: "torch.device") -> int:
    """Return how many bytes may be used on the device."""
    import torch

    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return max(0, int(free) + int(unused) - _RESERVE)
    from w2v_cli.memory import available_memory

    return available_memory() or 1 << 33


def sent(array: Array, device: "torch.device") -> Any:
    """Return an array on the device; on the CPU it shares the memory, which nobody may change."""
    import torch

    with warnings.catch_warnings():  # PyTorch warns of arrays that are read-only, as mapped files
        warnings.simplefilter("ignore", UserWarning)
        here = torch.from_numpy(np.asarray(array))
    return here.to(device, non_blocking=True)


def padded(array: Array, n: int, fill: float) -> Array:
    """Return an array with rows of `fill` added, n in all."""
    rest = np.full((n - len(array), *array.shape[1:]), fill, array.dtype)
    return np.concatenate([array, rest])


class Products:
    """Matrix products in the precision that was asked for; operands and results are float32.

    tf32: operands lose 13 bits of their fractions on their way into the product. bf16: 16 bits.
    float32 and float64 lose nothing.
    """

    def __init__(self, precision: str) -> None:
        self._halves = precision == "bf16"
        self._tf32 = precision == "tf32"

    def __enter__(self) -> "Products":
        import torch

        self._before = torch.backends.cuda.matmul.allow_tf32
        torch.backends.cuda.matmul.allow_tf32 = self._tf32
        return self

    def __exit__(self, *error: object) -> None:
        import torch

        torch.backends.cuda.matmul.allow_tf32 = self._before

    def operand(self, a: Any) -> Any:
        """Return an array as it enters products; worth it where it enters several."""
        return a.bfloat16() if self._halves else a

    def of(self, a: Any, b: Any) -> Any:
        """Return a @ b."""
        import torch

        if not self._halves:
            return a @ b
        a, b = self.operand(a), self.operand(b)
        if a.device.type == "cpu":  # there torch.mm has no out_dtype
            return (a @ b).float()
        return torch.mm(a, b, out_dtype=torch.float32)

    def plus(self, row: Any, a: Any, b: Any) -> Any:
        """Return a @ b with a row added to each row, in one pass where that is possible."""
        import torch

        if not self._halves:
            return torch.addmm(row, a, b)
        return self.of(a, b).add_(row)
