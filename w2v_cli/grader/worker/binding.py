"""Match parameters with arguments, by name and then by position."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

# The names that courses and students give to parameters, by role.
#
# Case, underscores and dashes do not matter: `outsideWordIdx`, `outside_word_idx`. Likelier
# names come first; a name in two lists goes to the role that has no better match.


NAMES: dict[str, str] = {
    "x": "x z scores s a logits v y yhat p probs",
    "alpha": (
        "alpha slope negativeslope leak leakiness leakyslope leakslope alphaslope negslope"
        " negativealpha beta gamma lam lambda lambd coef coefficient factor eps epsilon a b k c m"
    ),
    "y": "y ytrue onehot truth t targets target labels label yreal",
    "y_hat": "yhat ypred yprob predictions prediction preds pred probs prob p ŷ",
    "h": "h hidden a1 a z1",
    "W1": "w1 weights1 weight1 win",
    "W2": "w2 weights2 weight2 wout",
    "w": "w word k wordidx idx index i j",
    "b1": "b1 bias1",
    "b2": "b2 bias2",
    "batch": "batchsize batch size m n nexamples",
    "v_c": (
        "centerwordvec centerwordvector centrewordvec centervec centervector centrevec"
        " predicted predictedvec predictedvector pred predvec vc vhat inputvector inputvec"
        " inputwordvec inputwordvector currentvec currentvector wordvec wordvector hidden h"
        " centerword center centre v"
    ),
    "o": (
        "outsidewordidx outsidewordindex outsidewordind outsidewordid outsideidx outsideindex"
        " outsideid target targetidx targetindex targetid targetwordidx targetword"
        " outputwordidx outputwordindex outputidx outputindex contextwordidx contextidx"
        " contextindex contextword outsideword wordidx wordindex idx index trueidx"
        " uidx o outside context label y center"
    ),
    "U": (
        "outsidevectors outsidevecs outsidewordvectors outsidewordvecs outputvectors outputvecs"
        " outputwordvectors outputwordvecs outputmatrix outputmatrixs outputmatrices"
        " outsidematrix contextvectors contextvecs outvectors outvecs outputweights"
        " outsideembeddings outputembeddings uvectors wout u w2"
    ),
    "dataset": "dataset data ds corpus sampler dataset1 mydataset",
    "K": (
        "k numnegsamples numnegativesamples numnegatives numneg nnegatives nnegsamples nneg"
        " negsamplesize negativesamplesize samplesize nsamples numsamples nsample negnum"
        " negsize negcount numberofsamples numofneg n"
    ),
    "negatives": (
        "negsamplewordindices negsamplewordidx negsamplewordidxs negsampleindices"
        " negativesampleindices negativesamples negsamples negatives negativeindices"
        " negindices negids negidxs negidx neg negs noise noisewords noiseids ks"
    ),
    "center": (
        "currentcenterword currentword centerword centreword curword currword inputword"
        " center centre current word"
    ),
    "window": "windowsize c window m contextsize winsize radius windowradius contextwindow",
    "outside": (
        "outsidewords contextwords contexts context outwords outsidewordlist contextwordlist"
        " surroundingwords outside"
    ),
    "ids": (
        "word2ind tokens word2idx word2index word2id wordtoind wordtoidx wordtoindex wordtoid"
        " token2idx token2ind tokentoidx wordindices wordindex wordids tokenids tokenidx"
        " indices vocab vocabulary ids w2i"
    ),
    "V": (
        "centerwordvectors centerwordvecs centrewordvectors centervectors centervecs"
        " inputvectors inputvecs inputwordvectors inputmatrix inputmatrixs inputmatrices"
        " centermatrix centerembeddings inputembeddings invectors invecs wordvectors win v w1"
    ),
    "loss": (
        "word2veclossandgradient word2veccostandgradient word2veclossandgrad"
        " word2veccostandgrad w2vlossandgradient w2vcostandgradient w2vcag lossandgradient"
        " costandgradient lossandgrad costandgrad lossandgradientfn lossfunction lossfunc"
        " lossfn costfunction costfunc costfn pairloss gradientfunction gradfn model loss cost"
    ),
}

ROLES: dict[str, tuple[str, ...]] = {
    "sigmoid": ("x",),
    "sigmoid-derivative": ("x",),
    "softmax": ("x",),
    "softmax-jacobian": ("x",),
    "leaky-relu": ("x", "alpha"),
    "leaky-relu-derivative": ("x", "alpha"),
    "naive-softmax": ("v_c", "o", "U", "dataset"),
    "negative-sampling": ("v_c", "o", "U", "negatives", "dataset", "K"),
    "skipgram": ("center", "window", "outside", "ids", "V", "U", "dataset", "loss"),
    "cbow": ("center", "window", "outside", "ids", "V", "U", "dataset", "loss"),
    "dj-dvc": ("y", "y_hat", "U", "v_c", "o"),
    "dj-duo": ("y", "y_hat", "v_c", "o", "U"),
    "dj-duw": ("y", "y_hat", "v_c", "w", "o", "U"),
    "dj-du": ("y", "y_hat", "v_c", "o", "U"),
    "forward-prop": ("x", "W1", "W2", "b1", "b2"),
    "compute-cost": ("y", "y_hat", "batch"),
    "back-prop": ("x", "y_hat", "y", "h", "W1", "W2", "b1", "b2", "batch"),
}
"""What a function of each kind may ask for, in the course's order."""

OPTIONAL = ("window", "dataset", "K", "negatives", "alpha", "W1", "b1", "b2", "h", "batch")
"""Roles that a function need not have. One that computes a single gradient may lack any role."""

ONLY_BY_NAME = ("negatives",)
"""Roles that a parameter with an unknown name never gets."""


def plain_name(name: str) -> str:
    """Remove differences in spelling: case, underscores, dashes."""
    return name.replace("_", "").replace("-", "").lower()


def names_of(role: str) -> list[str]:
    """Return the known names of a role in plain spelling, likelier ones first."""
    return NAMES[role].split()


# By name, then by position.


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class BindingError(TypeError):
    """A function has an unknown parameter, or lacks one that it needs."""


@dataclass
class Binding:
    """How to call a function: roles by position, and roles by the name of a parameter."""

    positional: list[str] = field(default_factory=list)
    keywords: dict[str, str] = field(default_factory=dict)

    @property
    def roles(self) -> set[str]:
        """All roles that the function gets."""
        return {*self.positional, *self.keywords.values()}


def bind(function: Callable[..., object], kind: str) -> Binding:
    """Find out how to call a function of a kind.

    Raises:
        BindingError: a parameter without a default is left over, or a necessary argument finds
            no parameter.
    """
    wanted = ROLES[kind]
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return Binding([role for role in wanted if role not in ONLY_BY_NAME])
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    # negatives as an argument replace draws, so only a parameter without a default counts
    asked = [p.name for p in named if p.default is p.empty]
    roles = match_names(asked, ONLY_BY_NAME) if "negatives" in wanted else {}
    others = [p.name for p in named if p.name not in roles]
    roles |= match_names(others, [role for role in wanted if role not in ONLY_BY_NAME])
    _by_position(named, roles, wanted, kind)
    open_ended = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    left = [role for role in wanted if role not in roles.values() and role not in ONLY_BY_NAME]
    missing = [role for role in left if role not in OPTIONAL and not kind.startswith("dj-")]
    unknown = [p.name for p in named if p.name not in roles and p.default is p.empty]
    if unknown or (missing and not open_ended and not _has_default_for(missing, named)):
        shown = ", ".join(p.name for p in parameters)
        asks = f"; unknown: {', '.join(unknown)}" if unknown else ""
        raise BindingError(f"the grader does not know how to call it with ({shown}){asks}")
    return _arranged(named, roles, left if open_ended else [])


def _has_default_for(missing: Sequence[str], named: Sequence[inspect.Parameter]) -> bool:
    """Whether it is a window that always uses the same loss, so that none is passed."""
    return list(missing) == ["loss"] and bool(named)


def match_names(parameters: Sequence[str], wanted: Sequence[str]) -> dict[str, str]:
    """Map parameters to roles by name, as far as the names are known."""
    plain = {plain_name(name): name for name in reversed(parameters)}
    candidates = [
        (rank, wanted.index(role), name, role)
        for role in wanted
        for rank, name in enumerate(names_of(role))
        if name in plain
    ]
    found: dict[str, str] = {}
    for _, _, name, role in sorted(candidates):
        if plain[name] not in found and role not in found.values():
            found[plain[name]] = role
    return found


def _by_position(
    named: Sequence[inspect.Parameter], roles: dict[str, str], wanted: Sequence[str], kind: str
) -> None:
    """Give the remaining roles to parameters with unknown names, in order."""
    left = [role for role in wanted if role not in roles.values() and role not in ONLY_BY_NAME]
    unknown = [p for p in named if p.name not in roles]
    for role, expected in (("K", int), ("alpha", float)):
        of_type = [p for p in unknown if type(p.default) is expected]
        if role in left and of_type:
            roles[of_type[0].name] = role
            left.remove(role)
            unknown.remove(of_type[0])
    left = [role for role in left if role != "alpha"]  # another parameter may be anything
    needed = [p for p in unknown if p.default is p.empty]
    for role in ("dataset", "window", "K"):  # what a shorter signature does without
        if len(needed) < len(left) and role in left and kind != "sigmoid":
            left.remove(role)
    essential = [role for role in left if role not in OPTIONAL and not kind.startswith("dj-")]
    places = needed if len(needed) >= len(essential) else unknown
    roles.update({p.name: role for p, role in zip(places, left, strict=False)})


def _arranged(
    named: Sequence[inspect.Parameter], roles: Mapping[str, str], rest: Sequence[str]
) -> Binding:
    """Pass parameters by position up to the first gap, and by keyword after it."""
    binding, gap = Binding(), False
    for p in named:
        role = roles.get(p.name)
        if role is None:
            gap = True
        elif p.kind in _POSITIONAL and not gap:
            binding.positional.append(role)
        else:
            binding.keywords[p.name] = role
    if not binding.keywords and not gap:
        binding.positional += rest
    return binding
