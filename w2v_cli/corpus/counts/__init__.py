"""Count a corpus into pair counts alone: in tasks, each of which writes one file.

`w2v count` leaves a COUNTS folder: the vocabulary, the pair counts, a manifest. The encoded text is
never stored. The text is cut into *shards* at ends of documents; each stage is a list of tasks:

    words of a shard → merged → vocabulary → pairs of a shard → merged → COUNTS

A task is a plain function of small arguments. It writes its file whole or not at all, under a name
that is a hash of all that went in, so a task whose file is there is not run again, whoever wrote
it. Counts are integers in units of 2^-fraction_bits, so sums do not depend on order or cut.
"""
