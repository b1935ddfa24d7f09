"""From files to word ids: text becomes the encoded corpus that every engine trains on.

What happens to a line of text, and which file does it:

    files, folders, archives, addresses     what `CorpusSettings.paths` names
      │ find_text                           sources.py: which files
      │ unpacked                            unpack.py: decompress, open archives
      │ raw_blocks, csv_blocks, …           blocks.py, records.py: whole lines, about 1 MiB of them
    Block
      │ Scanner.scan                        reader.py, on several threads: cut into tokens (by the
      │                                     kinds of characters in tokenizers.py) and number the
      │                                     words in a WordTable in order of appearance
    Scanned: provisional numbers, ends of documents
      │ encode                              reader.py: merge the tables, join phrases, choose the
      │                                     vocabulary, replace each number by the word's id
    corpus.ids, corpus.ends, vocab.tsv      encoded.py, in a folder that prepare.py fills
      │ open_corpus                         prepare.py
    EncodedCorpus                           what engines and `pairs` read

Sentences from Python enter at `encode` (sentences.py). Two types carry the settings:
`CorpusSettings` holds them; `ReadingPlan` adds the word lists and functions that they name, loaded.

Files, in reading order:

* `settings.py`: what can be set about a corpus
* `prepare.py`: all of it, from settings to a folder of encoded ids, and back into memory
* `places.py`: local files, and files at addresses
* `unpack.py`: compression and archives
* `blocks.py`: a block of text, and where its documents end
* `records.py`: lines and tables that are not plain text: JSON, treebank, CSV, Parquet, Arrow
* `sources.py`: which files a corpus has, and their text as blocks
* `unicode_table.py`: what Python knows about every character, as arrays
* `tokenizers.py`: the catalogue of tokenizers
* `own_tokenizer.py`: a user's function as the tokenizer
* `vocabulary.py`: words and counts: choose, order, write, read, count in bounded memory
* `text_sample.py`: samples of a text, and the note on a tokenizer that does not suit it
* `plan.py`: the settings with their tokenizer and word lists; what reading returns; progress
* `encoded.py`: the encoded corpus, how it is written, and documents that are held out
* `reader.py`: blocks → numbered words → ids
* `threads.py`: work on several threads, results in order
* `scan_kernels.py`: compiled: UTF-8 bytes → numbered words
* `word_table.py`: distinct words, numbered and counted
* `table_kernels.py`: compiled: the hash tables of words and of pairs of words
* `phrases.py`: join frequent pairs of words
* `sentences.py`: sentences passed from Python
* `shared_cache.py`: encoded corpora that several runs share
* `windows.py`: draw windows, subsampling and noise words from an encoded corpus
* `ngrams.py`: the character n-grams of words, hashed or one by one
"""
