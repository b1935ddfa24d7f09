"""Grading of a user's own functions: one file, a function, or a folder of submissions.

This runs the file that it is given. It is a grader for honest mistakes, not a sandbox. The
user's code runs in a process of its own, without the right results.

Files, in reading order:

* `kinds.py`: what can be graded, under which names, and what known assignments ask for
* `worker/`: the process that runs a user's code
* `case.py`: what a call is; the calls of functions of numbers, of scores and of batches
* `cases.py`: all other calls, what they should return, and the layouts that arguments may have
* `process.py`: the grader's side of that process: jobs, limits, captured output
* `observation.py`: what the calls have shown, and the verdicts that can follow
* `stability.py`: what fails at large scores only, and why
* `judge.py`: compares what was returned with what should have been
* `diagnose.py`: names the mistake
* `verdict.py`: from a judgement to a grade
* `grade.py`: load, call, judge and diagnose, for a file or a function
* `points.py`: what each function earns
* `grade_report.py`: the grades in words, as data, as JUnit XML, for Gradescope, as an assertion
* `submissions.py`: a folder of submissions, and its table
* `class_page.py`: the same as an HTML page for teachers
* `mistakes_page.py`: all known mistakes with numbers, for `--mistakes`
* `course/`: the course in a box
"""
