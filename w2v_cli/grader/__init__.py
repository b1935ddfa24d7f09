"""Grading of a user's own functions.

`kinds` what can be graded and under which names · `cases` the inputs and the truth · `layouts`
the shapes they may have · `worker` runs the user's code, in a process of its own (`process`),
without the truth · `judge` compares, with `stability` for what fails at large scores only ·
`diagnose` names the slip, with `drawing` for ways of drawing negatives · `verdict`, `attempts`,
`grade` do it all · `assignment` what must be there, `points` what it earns · `report`, `junit`,
`gradescope` say it · `submissions` a whole class · `course` the course in a box.

This runs the file that it is given. It is a grader for honest mistakes, not a sandbox.
"""
