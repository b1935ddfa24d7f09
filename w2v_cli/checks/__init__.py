"""Numerical checks of the formulas and the engines, and the catalogue of known mistakes.

Files, in reading order:

* `functions.py`: the functions that claims are about, and what a slip (a known mistake) is
* `measure.py`: random points, numerical derivatives, tallies; a claim and its result
* `primitive_claims.py`: claims about softmax, cross-entropy, sigmoid, leaky ReLU and L2
* `loss_claims.py`: claims about naive softmax and negative sampling
* `spectral_claims.py`: claims about mutual information, its factors and the spectral engine
* `window_claims.py`: claims about the skip-gram window, CBOW (also in batches) and subwords
* `engine_checks.py`: each training engine, compared with the equations
* `run_checks.py`: the gradients at the parameters of a trained run
* `claims.py`: all claims, and the runner behind `w2v gradcheck`
* `check_report.py`: the results as a table, as data, and as JUnit XML
* `derivations.py`: derivations with worked numbers, for `--show`
* `block_slips.py`: slips in sigmoid, softmax, leaky ReLU and their derivatives
* `softmax_slips.py`: slips in naive softmax
* `sampling_slips.py`: slips in negative sampling
* `window_slips.py`: slips in the skip-gram window and in subwords
* `cbow_slips.py`: slips in the CBOW window, and in CBOW in batches
* `slips.py`: the catalogue of all slips
"""
