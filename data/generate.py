"""Write `data/sample.txt`, the sample corpus, from a seed, a small grammar and hand-written prose.

    python data/generate.py            # writes data/sample.txt, the same bytes every time
    python data/generate.py --check    # exit 1 if the file differs from what would be written

The grammar is two folders of plain text. `grammar/words/*.txt` holds tables:

    == royal: m f home             a table of records; the columns are named in the header
    king queen palace,castle       commas part alternatives, underscores stand for spaces
    == colour:                     a table without columns is a list of words
    red white blue

`grammar/sentences/*.txt` holds topics, a header with a weight and then one sentence a line:

    == reign 5                     drawn five times as often as a topic of weight 1
    The {royal.x} wore a {colour} hat (in the {royal.home}|at night).
    + Nobody knew {his} name.      "+" cannot open a paragraph

A slot `{table.column}` holds on to its record for a whole paragraph, so that the columns of a row
meet in the text: that is where the relations between words come from. `{table2.column}` is another
record of the same table. Lists are drawn anew at each mention, without repeating a word in a
paragraph while others are left. People have a number too: the 2 in `{family2.x}` and `{his2}` is
person 2, each person is a he or a she for the length of a paragraph, the column `x` means m or f by
that, and `y` the other one (`xs`, `ys`: the plurals ms, fs). `(a|b)` takes one of the alternatives.

Words high in a table come more often than words low in it (weight 1/(rank + 6)), which gives the
text the long tail that real text has. Only `Random.random()` is used, whose sequence Python
promises to keep from version to version.
"""

import argparse
import re
import sys
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
SEED = 2013  # the year of the word2vec papers
N_TOKENS = 290_000
LONGEST = 25  # tokens in a sentence

SLOT = re.compile(r"\{([a-z]+)(\d?)(?:\.([a-z]+))?\}")
GROUP = re.compile(r"\(([^()]*)\)")
TOKEN = re.compile(r"\w+(?:['’-]\w+)*")
SENTENCE_START = re.compile(r'((?:^|[.!?]"? )"?)([a-z])')
BEFORE_VOWEL = re.compile(
    r"\b([Aa]) (?=[aeiouAEIOU]|heir|honest|hour)(?!eu|uni|use|usual|one|once|Eu|uk)"
)
PRONOUNS = {
    "m": {"he": "he", "his": "his", "him": "him", "himself": "himself"},
    "f": {"he": "she", "his": "her", "him": "her", "himself": "herself"},
}


class Draw:
    """Choices from one seeded stream."""

    def __init__(self, seed: int) -> None:
        self._uniform = Random(seed).random

    def below(self, n: int) -> int:
        """A whole number in 0..n-1, all equally likely."""
        return int(self._uniform() * n)

    def weighted(self, weights: Sequence[float]) -> int:
        """A place in `weights`, as likely as its weight is heavy."""
        totals = list(accumulate(weights))
        return bisect(totals, self._uniform() * totals[-1], hi=len(totals) - 1)


@dataclass(frozen=True)
class Table:
    """Rows of a word table; a list of words has one column without a name."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def weights(self) -> list[float]:
        """What makes the first rows more frequent than the last."""
        return [1 / (rank + 6) for rank in range(len(self.rows))]


@dataclass
class Topic:
    """Sentences that can share a paragraph."""

    weight: float
    openings: list[str] = field(default_factory=list)
    followers: list[str] = field(default_factory=list)


def sections(folder: Path) -> list[tuple[str, list[str]]]:
    """All `== header` sections of a folder's files, in the order of file names."""
    found: list[tuple[str, list[str]]] = []
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("== "):
                found.append((line[3:].strip(), []))
            elif line.strip() and not line.startswith("#"):
                found[-1][1].append(line.strip())
    return found


def read_tables(folder: Path) -> dict[str, Table]:
    """The word tables by name. Raises ValueError where a row and its header disagree."""
    tables = {}
    for header, lines in sections(folder):
        name, _, names = header.partition(":")
        columns = tuple(names.split())
        rows = [tuple(line.split()) for line in lines]
        if not columns:
            rows = [(word,) for row in rows for word in row]
        elif any(len(row) != len(columns) for row in rows):
            bad = next(row for row in rows if len(row) != len(columns))
            raise ValueError(f"table {name!r} has columns {columns}, but a row {bad}")
        tables[name] = Table(columns, tuple(rows))
    return tables


def read_topics(folder: Path) -> list[Topic]:
    """The topics in the order of their files."""
    topics = []
    for header, lines in sections(folder):
        topic = Topic(weight=float(header.split()[1]))
        for line in lines:
            if line.startswith("+ "):
                topic.followers.append(line[2:])
            else:
                topic.openings.append(line)
        topics.append(topic)
    return topics


class Scene:
    """One paragraph: fills sentences so that records and people stay the same in it."""

    def __init__(self, tables: dict[str, Table], draw: Draw) -> None:
        self._tables = tables
        self._draw = draw
        self._records: dict[tuple[str, str], int] = {}
        self._sexes: dict[str, str] = {}
        self._used: set[str] = set()
        self._used_in_sentence: set[str] = set()

    def say(self, template: str) -> str:
        """Turn a template into a sentence, without the capital at its start."""
        self._used_in_sentence.clear()
        while (group := GROUP.search(template)) is not None:
            choices = group[1].split("|")
            chosen = choices[self._draw.below(len(choices))]
            template = template[: group.start()] + chosen + template[group.end() :]
        return SLOT.sub(self._fill, template)

    def _fill(self, slot: re.Match[str]) -> str:
        name, index, column = slot.groups()
        if column is None and name in PRONOUNS["m"]:
            return PRONOUNS[self._sex(index)][name]
        table = self._tables[name]
        if column is None:
            return self._fresh([row[0] for row in table.rows], table.weights)
        row = table.rows[self._record(name, index)]
        cell = row[table.columns.index(self._column(column, index))]
        alternatives = cell.split(",")
        return self._fresh(alternatives, [1.0] * len(alternatives))

    def _sex(self, index: str) -> str:
        if index not in self._sexes:
            self._sexes[index] = "mf"[self._draw.below(2)]
        return self._sexes[index]

    def _column(self, column: str, index: str) -> str:
        if column not in {"x", "y", "xs", "ys"}:
            return column
        sex = self._sex(index)
        if column.startswith("y"):
            sex = "f" if sex == "m" else "m"
        return sex + column[1:]

    def _record(self, name: str, index: str) -> int:
        key = (name, index)
        if key not in self._records:
            taken = {row for (other, _), row in self._records.items() if other == name}
            weights = self._tables[name].weights
            free = [0.0 if row in taken else weight for row, weight in enumerate(weights)]
            self._records[key] = self._draw.weighted(free if any(free) else weights)
        return self._records[key]

    def _fresh(self, words: Sequence[str], weights: Sequence[float]) -> str:
        for used in (self._used, self._used_in_sentence):
            free = [
                0.0 if word in used else weight for word, weight in zip(words, weights, strict=True)
            ]
            if any(free):
                weights = free
                break
        word = words[self._draw.weighted(weights)]
        if len(words) > 1:
            self._used.add(word)
            self._used_in_sentence.add(word)
        return SLOT.sub(self._fill, word.replace("_", " "))


def finish(sentence: str) -> str:
    """Put in capitals at sentence starts and `an` before vowels."""
    sentence = BEFORE_VOWEL.sub(r"\1n ", sentence)
    return SENTENCE_START.sub(lambda start: start[1] + start[2].upper(), sentence)


def paragraph(topic: Topic, tables: dict[str, Table], draw: Draw) -> str:
    """One to five sentences of a topic that share their people and things."""
    n_sentences = 1 + draw.weighted([4, 4, 3, 2, 1])
    scene = Scene(tables, draw)
    sentences: list[str] = []
    unused = list(topic.openings)
    while len(sentences) < n_sentences and unused:
        template = unused.pop(draw.below(len(unused)))
        if not template.startswith("I "):  # a name stands in a slot, so this small letter is right
            template = template[0].lower() + template[1:]
        sentence = scene.say(template)
        if sentences and draw.below(5) == 0 and can_join(sentences[-1], sentence):
            sentences[-1] = sentences[-1][:-1] + (", and ", "; ", " – ")[draw.below(3)] + sentence
        elif len(TOKEN.findall(sentence)) <= LONGEST:
            sentences.append(sentence)
        if len(unused) == len(topic.openings) - 1:
            unused += topic.followers
    return finish(" ".join(sentences))


def can_join(first: str, second: str) -> bool:
    """Whether two plain statements still make one sentence of at most `LONGEST` tokens."""
    plain = all(text.endswith(".") and not re.search(r'["?!:;]', text) for text in (first, second))
    return plain and len(TOKEN.findall(first + " " + second)) <= LONGEST


def generate(seed: int = SEED, n_tokens: int = N_TOKENS) -> str:
    """The corpus: generated paragraphs, one a line, with the hand-written lines spread among them.

    It ends with the first paragraph that reaches `n_tokens` tokens.
    """
    tables = read_tables(HERE / "grammar" / "words")
    topics = read_topics(HERE / "grammar" / "sentences")
    handwritten = (HERE / "handwritten.txt").read_text(encoding="utf-8").splitlines()
    draw = Draw(seed)
    weights = [topic.weight for topic in topics]
    lines: list[str] = []
    n_written = n_used = 0
    while n_written < n_tokens:
        while n_used < len(handwritten) and n_used * n_tokens <= n_written * len(handwritten):
            lines.append(handwritten[n_used])
            n_written += len(TOKEN.findall(handwritten[n_used]))
            n_used += 1
        lines.append(paragraph(topics[draw.weighted(weights)], tables, draw))
        n_written += len(TOKEN.findall(lines[-1]))
    lines += handwritten[n_used:]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None, say: Callable[[str], None] = print) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Write data/sample.txt.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    path = HERE / "sample.txt"
    content = generate().encode("utf-8")
    if options.check:
        same = path.is_file() and path.read_bytes() == content
        say(f"{path.name}: {'up to date' if same else 'differs from what the grammar gives'}")
        return 0 if same else 1
    path.write_bytes(content)
    tokens = TOKEN.findall(content.decode("utf-8").lower())
    say(f"{path.name}: {len(tokens):,} tokens, {len(set(tokens)):,} distinct words")
    return 0


if __name__ == "__main__":
    sys.exit(main())
