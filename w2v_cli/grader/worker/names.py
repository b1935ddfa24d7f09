"""The names that courses and students give to parameters, by the role they play.

Case, underscores and dashes do not matter: `outsideWordIdx`, `outside_word_idx`. Likelier
names come first; a name that occurs in two lists goes to the role that has no better one.
"""

NAMES: dict[str, str] = {
    "x": "x z scores s a logits v",
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
        " negindices negids negidxs negidx"
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
    "softmax": ("x",),
    "naive-softmax": ("v_c", "o", "U", "dataset"),
    "negative-sampling": ("v_c", "o", "U", "negatives", "dataset", "K"),
    "skipgram": ("center", "window", "outside", "ids", "V", "U", "dataset", "loss"),
    "cbow": ("center", "window", "outside", "ids", "V", "U", "dataset", "loss"),
}
"""What a function of each kind may ask for, in the course's order."""

OPTIONAL = ("window", "dataset", "K", "negatives")
"""What a function may do without."""

ONLY_BY_NAME = ("negatives",)
"""What an unknown parameter is never taken for."""


def plain_name(name: str) -> str:
    """Drop what differs between spellings: case, underscores, dashes."""
    return name.replace("_", "").replace("-", "").lower()


def names_of(role: str) -> list[str]:
    """Known names of a role, in plain spelling, likelier ones first."""
    return NAMES[role].split()
