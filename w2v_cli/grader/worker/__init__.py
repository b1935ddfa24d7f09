"""What runs in the process with a user's code. It knows no answers.

It needs only NumPy and the standard library. The grader starts this folder as a separate
package, so that nothing else of w2v is loaded in the process that runs a user's file; this is
why its imports are relative. Arguments arrive one call at a time. Correct results are computed
in the grader's process and never come here.

Files, in reading order:

* `main.py`: serves the grader's jobs, within limits
* `loading.py`: imports a file, or the definitions of a notebook, with stand-ins for course modules
* `binding.py`: gives each parameter of a function its argument
* `calls.py`: calls a function, with a data set and a pair loss made for grading
* `wire.py`: values as JSON and back
"""
