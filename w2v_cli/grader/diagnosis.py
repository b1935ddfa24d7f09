"""What a diagnosis is, and those that are no slip of the catalogue."""

from dataclasses import dataclass

from w2v_cli.checks.mistakes import Slip


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong. wrong, right: formulas or sentences; may be empty."""

    key: str
    title: str
    wrong: str = ""
    right: str = ""
    why: str = ""


def of_slip(slip: Slip) -> Diagnosis:
    """Return the catalogue's words for a slip."""
    return Diagnosis(slip.key, slip.title, slip.wrong, slip.right, slip.why)


MUTATED = Diagnosis(
    "mutated",
    "input mutated in place",
    "x -= …, x *= …, x[i] = … on an argument",
    "x = x - …, or work on x.copy()",
    "The caller's arrays are changed, and with them the parameters in training.",
)
STATE = Diagnosis(
    "state",
    "something is kept from one call to the next",
    "a global array, a default argument such as grad=[], or a counter that calls change",
    "arrays made inside the function, with np.zeros at every call",
    "The first call is right; the same call again gives other numbers.",
)
OVERWRITTEN = Diagnosis(
    "overwritten",
    "the next call overwrites the arrays that this one returned",
    "one array, made outside the function, filled and returned by every call",
    "arrays made inside the function, with np.zeros at every call",
    "Whoever keeps a gradient while calling again finds it changed.",
)
NO_DRAWS = Diagnosis(
    "no-draws",
    "dataset.sampleTokenIdx() is never called",
    right="dataset.sampleTokenIdx() for each negative, again while it is the outside word",
    why="The negatives come from the data set's noise distribution; a grader must know them.",
)
OWN_DRAWS = Diagnosis(
    "own-draws",
    "the negatives are not drawn from dataset.sampleTokenIdx(): each call gives other numbers",
    "random.randint(…), np.random.…",
    "dataset.sampleTokenIdx(), again while it is the outside word",
    "The negatives come from the data set's noise distribution; a grader must know them.",
)
NO_LOSS_CALLS = Diagnosis(
    "no-loss-calls",
    "word2vecLossAndGradient, the argument, is never called",
    "a loss function of the file, called by its own name",
    "word2vecLossAndGradient(…), whichever loss it is",
    "The caller chooses the loss.",
)
SWAPPED = Diagnosis(
    "swapped",
    "gradients returned in the wrong order",
    "return loss, gradOutsideVecs, gradCenterVec",
    "return loss, gradCenterVec, gradOutsideVecs",
)
PYTHON_2 = Diagnosis(
    "python-2", "this is Python 2", "xrange, print …, N/2", "range, print(…), N//2"
)

TARGET_KEPT = Diagnosis(
    "target-kept",
    "target among the negatives",
    "the outside word drawn as noise is kept",
    "draw again until it is another word",
    "The pair's own outside word is no noise; the starter's getNegativeSamples redraws.",
)
TARGET_DROPPED = Diagnosis(
    "target-dropped",
    "fewer than K negatives: the target is dropped, not drawn again",
    "a negative that is the outside word is left out",
    "draw again until there are K other words",
    "The loss has K terms for the negatives.",
)
DRAWN_ONCE_MORE = Diagnosis(
    "target-once",
    "the target is drawn again once only: if instead of while",
    "if newidx == outsideWordIdx: newidx = dataset.sampleTokenIdx()",
    "while newidx == outsideWordIdx: newidx = dataset.sampleTokenIdx()",
    "The second draw may be the outside word too.",
)
NO_REPEATS = Diagnosis(
    "no-repeats",
    "repeated negatives are rejected",
    "draw again while the word was drawn before",
    "draw again only while it is the outside word",
    "Draws are independent: a word may come more than once, and K may exceed the vocabulary.",
)
K_FIXED = Diagnosis(
    "k-fixed",
    "K is fixed to 10",
    "10 negatives whatever K is",
    "K negatives",
    "K is an argument of the function; 10 is only its default.",
)


def helper_at_fault(names: str) -> Diagnosis:
    """Say that a function is right once its helper is."""
    return Diagnosis(
        "helper",
        f"the mistake is in {names}, which it calls",
        right=f"with a right {names} in its place this function is right",
    )


_NUMPY_2 = {
    "float": "float",
    "int": "int",
    "bool": "bool",
    "object": "object",
    "float_": "np.float64",
    "mat": "np.asmatrix",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "infty": "np.inf",
    "NaN": "np.nan",
    "NAN": "np.nan",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "row_stack": "np.vstack",
    "alltrue": "np.all",
    "sometrue": "np.any",
    "in1d": "np.isin",
    "trapz": "np.trapezoid",
    "asscalar": "x.item()",
    "matrix": "np.asmatrix",
}


def numpy_2(error_type: str, message: str) -> Diagnosis | None:
    """Recognise an error that NumPy 2 brought to code that was right before."""
    for old, new in _NUMPY_2.items():
        if error_type == "AttributeError" and (
            f"module 'numpy' has no attribute '{old}'" in message or f"`np.{old}` was" in message
        ):
            return Diagnosis(
                "numpy-2", f"NumPy 2: np.{old} is gone", f"np.{old}", new, "It was removed."
            )
    if "0-dimensional arrays can be converted" in message or "length-1 arrays" in message:
        return Diagnosis(
            "numpy-2",
            "NumPy 2: float() takes no array of one number any more",
            "float(x) or a[i] = x with x of shape (1,) or (1, 1)",
            "x.item(), or an index that leaves a number",
            "Up to NumPy 1.24 an array of one number was taken for the number.",
        )
    return None
