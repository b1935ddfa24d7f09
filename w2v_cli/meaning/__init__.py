"""Change of meaning: `w2v change`. Which words are used differently in some texts than in others?

`equations.change_of_meaning` has the mathematics: a word's mean context vector in each slice, their
cosine, and random deals of the documents to the slices. Here it is done fast:

    texts ──▶ slices: which document is in which slice ──▶ one vocabulary, one basis (study)
          ──▶ deals: bundles of documents for each word, sums of its contexts in each (kernels)
          ──▶ chance: the score of the slices, and of thousands of random deals (kernels)
          ──▶ result: flagged words, their neighbours in each slice, what a methods section says

Files, in reading order:

* `study.py`: all of it, from settings and labels to a result
* `slices.py`: which slice and which unit a document belongs to: paths, columns, ranges
* `deals.py`: bundles of documents for each word, and how they may be dealt
* `meaning_kernels.py`: compiled: users of words, sums of contexts, scores of deals
* `chance.py`: random deals, more of them for few words; p-values and their correction
* `result.py`: what was measured: neighbours, tables, JSON, a sentence for a methods section
* `examples.py`: lines of context from the documents of each slice
"""
