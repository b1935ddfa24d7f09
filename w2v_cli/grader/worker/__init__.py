"""What runs beside a user's code: NumPy, the standard library, and nothing that knows an answer.

The grader starts this folder as a package of its own, so that nothing else of w2v is loaded in
the process that runs a user's file; its imports are relative for that reason. Arguments arrive
one call at a time; right results are computed in the grader's process and never come here.

Files, in reading order:

* `main.py`: serves the grader's jobs, within limits
* `loading.py`: imports a file, or the definitions of a notebook, with stand-ins for course modules
* `binding.py`: gives each parameter of a function its argument
* `calls.py`: calls a function, with a data set and a pair loss of its own
* `wire.py`: values as JSON and back
"""
