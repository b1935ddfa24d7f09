"""What runs beside a user's code: NumPy, the standard library, and nothing that knows an answer.

`process` starts this folder as a package of its own, so that nothing else of w2v is loaded in
the process that runs a user's file. Inputs arrive one call at a time; right results are
computed in the grader's process and never come here. `main` serves · `loading` imports the
file · `binding` gives each parameter its argument · `calls` calls · `dataset`, `made_up_loss`
and `stand_ins` stand in for what a course provides · `limits` bounds what a process may use ·
`wire` turns values into JSON and back.
"""
