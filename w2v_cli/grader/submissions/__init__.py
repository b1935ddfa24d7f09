"""A folder of submissions, graded in parallel.

`find` which file is whose · `run` several at a time · `one` the process that grades one of them
· `report` table, CSV and data.
"""
