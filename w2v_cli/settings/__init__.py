"""What can be set, and what a run obeys. A setting has two types on its way, and one door between:

    command line    Python    TOML file    counts, or vectors to start from
         |            |           |                    |
         +------------+-----+-----+--------------------+
                            v
                 Config: what was chosen, name by name; the rest is open
                    |
                    |  resolve(config, figures of the corpus) fills in the defaults and refuses
                    |  contradictions; nothing else does
                    v
                 RunSettings: what a run obeys; every setting has its value
                    |
                    |-- .corpus -> text
                    |-- .model .objective .training .own -> engines, training
                    |-- .watch -> training
                    `-- settings_to_toml -> RUN/config.toml, which a resume reads as a Config

The structs of the groups stand with what they set: `text/settings.py`, `engines/settings.py`, each
engine's `settings.py`, and for `watch` in `run_settings.py`.

Files, in reading order:

* `fields.py`: what a struct says of each of its fields: type, range, choices, default, help
* `run_settings.py`: what a run obeys, the catalogue of all settings, and their defaults in words
* `config.py`: what a user chose, from names or a TOML file
* `resolve.py`: from one to the other
* `foreign.py`: what word2vec.c, gensim and fastText call things
"""
