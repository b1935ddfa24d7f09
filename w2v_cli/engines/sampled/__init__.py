"""Negative sampling, compiled: the corpus trained chunk by chunk.

    corpus  | block 0      | block 1      | block 2      | ...     1,024 to 16,384 tokens a block
            |              |
            subsampling drops tokens; the n tokens kept have the places 0 .. n − 1
            |              |
    block   | stretch 0   | stretch 1   | stretch 2   | stretch 3   |        n/4 places a stretch
            |aabbccdd...  |aabbccdd...  |aabbccdd...  |aabbccdd...  |
             ^^            ^^            ^^            ^^
    chunk   the spans `aa`, one of each stretch: T = 4 · 16 = 64 centres, and S = 32 negatives
            that all of them share; the next chunk is `bb`

    span    | context |  16 centres  | context |         the context reaches `window` places to
            low       first       stop      high         each side, inside the block

The sizes are those of usual settings; small vocabularies and wide windows get shorter chunks
(`engine.chunk_shape`). A chunk from one stretch alone would be about one topic and push its
negatives away from that topic.

# The objective of a chunk

All centres of a chunk share S negatives w_1..w_S, drawn from the noise distribution P. With n_i
outside words o of centre i (its window), the chunk's estimate of the objective is

    J = Σ_i [ Σ_o −log σ(u_o·v_i)  +  Σ_s a_is · −log σ(−u_s·v_i) ],
    a_is = K/S · (n_i − #{outside words of i equal to w_s}).

Its expectation over the draws is the objective with K negatives per pair, in which a negative that
is the pair's own outside word is skipped; so the expected gradient is the exact one. With
g = σ(u·v) − 1 for the pairs and a·σ(u·v) for the negatives, the gradients are three products,

    ∂J/∂v_i = Σ_o g_io u_o + Σ_s g_is u_s      ∂J/∂u_o = Σ_i g_io v_i      ∂J/∂u_s = Σ_i g_is v_i,

and all of them are taken at the parameters the chunk began with. The negatives' part is dense
(T × S), so `products.product` does it in register blocks; the pairs' part is a band of it.

`--l2 λ` adds the penalty λ/2 (|v_w|² + |u_w|²) for each rare word w to a pass over the corpus: the
negative log of a Gaussian prior on its vectors. If a pass keeps n_w tokens of a word, each of them
adds λ/n_w times v_w and u_w to their gradients. So the vectors of rare words, which few pairs
support, stay short. Words with more than 1,000 kept tokens have no penalty
(`engine.pull_of_a_token`). Reported losses do not include it.

With `--model cbow` each window predicts its centre, once; `cbow_step.py` has the objective. Spans,
chunks, rounds, draws and products are the same. The type of the parameters selects the model that
is compiled (`block.by_model`).

# Glossary

| name | what |
| --- | --- |
| unit | one block in one epoch; (seed, epoch, block) determines all its draws |
| block | successive tokens of the corpus; one thread trains it, or all threads in step |
| place | the number of a kept token in its block |
| stretch | one of the 4 equal parts of a block that its chunks take spans from |
| chunk | T centres and their S negatives; one step of the descent |
| span | 16 successive centres of a chunk, and the context around them |
| row | the number of a centre in its chunk, 0 .. T − 1; also: a row of a matrix, one vector |
| in step | with `deterministic`: all threads train the same block together |
| round | with `deterministic`: up to 16 chunks whose gradients share the same parameters |
| part | with `deterministic`: 32 columns of all rows, which one thread moves |
| change | the gradient of a chunk, by rows |
| scratch | the memory in which a thread computes a chunk |

# Memory

Rows are padded to a multiple of 16 floats with zeros, which stay zero. Matrices are flat float32
arrays that start at a cache line. The compiled code reads no setting from a global: numba would
freeze it.

Files, in reading order:

* `settings.py`: the engine's own settings and its defaults
* `engine.py`: the engine that the trainer sees; sizes and tables of a training
* `crews.py`: its threads, racing or in step: they take units and return losses
* `block.py`: a block, compiled: alone, or a team in step; skip-gram or CBOW
* `draws.py`: kept tokens, radii and negatives, from counters; the chunks of a block
* `step.py`: the heart: the gradient of a chunk, and the descent
* `cbow_step.py`: the same for CBOW
* `products.py`: copies of rows, the descent of rows, dense products in registers
* `lanes.py`: vectors in registers, and σ of them
* `buffers.py`: the types that these files share: sizes, parameters, draws, memory
* `checked.py`: what gradcheck compares with the equations
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from w2v_cli.engines.sampled.settings import SampledSettings, defaults
from w2v_cli.engines.settings import EngineOffer

if TYPE_CHECKING:
    from w2v_cli.engines.base import Engine, EngineCheck


def _load() -> "Callable[..., Engine]":
    from w2v_cli.engines.sampled.engine import create

    return create


def _checks() -> "Sequence[EngineCheck]":
    from w2v_cli.engines.sampled.checked import CHECKS

    return CHECKS


OFFER = EngineOffer(
    name="sampled",
    summary="compiled; draws windows and negatives; fastest on large corpora",
    losses=("negative-sampling",),
    models=("skip-gram", "cbow"),
    optimizers=("sgd",),
    settings=SampledSettings,
    takes_subwords=True,
    defaults=defaults,
    load=_load,
    checks=_checks,
)
