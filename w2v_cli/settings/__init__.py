"""The settings of a run: from what a user chose to one value for each setting.

    command line    Python    TOML file    counts, or vectors to start from
         |            |           |                    |
         +------------+-----+-----+--------------------+
                            v
                 Config: the settings that were given, by name; the others are open
                    |
                    |  resolve(config, sizes of the corpus) fills in the defaults and refuses
                    |  contradictions; no other code does
                    v
                 RunSettings: what a run obeys; every setting has a value
                    |
                    |-- .corpus -> text
                    |-- .model .objective .training .own -> engines, training
                    |-- .watch -> training
                    `-- settings_to_toml -> RUN/config.toml, which a resume reads as a Config

The structs of the groups are defined beside the code that reads them: in `text/settings.py`,
`engines/settings.py` and each engine's `settings.py`; that of `watch` is in `run_settings.py`.

Files, in reading order:

* `fields.py`: the fields of a struct as settings: type, range, choices, default, help
* `run_settings.py`: all settings of a run, their catalogue, and their defaults as text
* `config.py`: the settings that a user gave, by name or in a TOML file
* `resolve.py`: from a `Config` to `RunSettings`
* `foreign.py`: the names that word2vec.c, gensim and fastText use
"""
