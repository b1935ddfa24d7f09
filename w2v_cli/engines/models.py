"""The models that engines train: which words predict which. Light: no NumPy.

A new model is a module in `equations`, its claims and slips, an entry here, and its name in the
offer of each engine that trains it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class WordModel:
    """What the rest of the program needs to know of a model.

    summary: for help texts. predicts_center: the words of a window predict its centre, together,
    once; otherwise the centre predicts each of them. What predicts has its vectors in the centre
    matrix V, what is predicted in the outside matrix U (`w2v_cli.equations`).
    """

    name: str
    summary: str
    predicts_center: bool


MODELS = {
    model.name: model
    for model in (
        WordModel("skip-gram", "a word predicts each word around it", predicts_center=False),
        WordModel("cbow", "the mean of the words around a word predicts it", predicts_center=True),
    )
}
