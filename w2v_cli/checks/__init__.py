"""Proof of the calculus: the claims about it, the engines, and known mistakes in it.

Files, in reading order:

* `functions.py`: the functions that can be checked, as one set, and what a slip in one is
* `measure.py`: points, differences, the worst deviation; what a claim and its result are
* `primitive_claims.py`: claims about softmax, cross-entropy, sigmoid, leaky ReLU and L2
* `loss_claims.py`: claims about naive softmax and negative sampling
* `spectral_claims.py`: claims about mutual information, its factors and the spectral engine
* `window_claims.py`: claims about the skip-gram window, the CBOW window and subwords
* `engine_checks.py`: every training engine against the equations
* `run_checks.py`: the equations at the parameters of a trained run
* `claims.py`: all claims, and the runner behind `w2v gradcheck`
* `check_report.py`: the outcome as a table, as data, and as JUnit XML
* `derivations.py`: derivations with numbers, for `--show`
* `softmax_slips.py`: slips in sigmoid, softmax and naive softmax
* `sampling_slips.py`: slips in negative sampling
* `window_slips.py`: slips in the skip-gram window and in subwords
* `cbow_slips.py`: slips in the CBOW window
* `slips.py`: the catalogue of all slips
"""
