"""Proof of the calculus: the claims, the engines and a user's own functions.

``functions`` what can be checked · ``points`` where · ``measure`` how an error is measured ·
``primitive_claims``, ``loss_claims`` what must hold · ``claims`` the list and its runner ·
``slips`` mistakes worth knowing · ``report`` the outcome in words.
"""
