"""Grading of a user's own functions.

``kinds`` what can be graded and under which names · ``cases`` the inputs and the truth ·
``worker`` runs the user's code, in a process of its own (``process``) with ``stand_ins`` for
course modules that are not there · ``judge`` compares · ``diagnose`` names the slip ·
``grade`` does it all · ``report``, ``junit`` say it.

This runs the file that it is given. It is a grader for honest mistakes, not a sandbox.
"""
