"""Find the device, and how much memory it has."""

from typing import TYPE_CHECKING, Any

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
        return max(0, int(free) - _RESERVE)
    from w2v_cli.memory import available_memory

    return available_memory() or 1 << 33


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

    def of(self, a: Any, b: Any, out: Any = None) -> Any:
        """Return a @ b."""
        import torch

        if not self._halves:
            return torch.matmul(a, b, out=out)
        product = torch.matmul(a.bfloat16(), b.bfloat16())
        return product.float() if out is None else out.copy_(product)
