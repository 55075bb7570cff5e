"""What clients under load send: the files of users, and searches for them."""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from random import Random

from catalog_corpus import HEADER, Corpus
from load_client import frame

from napster.wire.search import query_body

DIRECTORY = 870
_BODY = 1900
"""Bytes of a message that every server accepts."""
_RECORD = re.compile(rb'"(.*\\)([^\\]*"[^"]*)', re.DOTALL)


def bodies(frames: bytes) -> Iterator[bytes]:
    """Take frames apart."""
    at = 0
    while at < len(frames):
        start = at + HEADER.size
        at = start + HEADER.unpack_from(frames, at)[0]
        yield frames[start:at]


def by_directory(frames: bytes) -> bytes:
    """Write frames of message 100 as frames of message 870."""
    found: list[bytes] = []
    directory, body = b"", b""
    for record in bodies(frames):
        match = _RECORD.fullmatch(record)
        assert match, record
        item = b' "' + match[2]
        if match[1] != directory or len(body) + len(item) > _BODY:
            found.append(body)
            directory = match[1]
            body = b'"%b"' % directory
        body += item
    return b"".join(frame(DIRECTORY, each) for each in (*found[1:], body))


def usual_searches(corpus: Corpus, count: int, seed: int) -> list[bytes]:
    """Draw searches any server understands: words of a file 60 %, common ones 20 %, rare 20 %."""
    random = Random(seed)
    drawn = corpus.queries(count)
    kinds = ("two words of a file", "two common words", "one rare word")
    return [
        query_body(drawn[random.choices(kinds, (60, 20, 20))[0]][number]) for number in range(count)
    ]


def mixed_searches(corpus: Corpus, each: int, seed: int) -> list[bytes]:
    """Draw searches of every kind: rare, common, excluded, prefix, filtered, without hit."""
    found = [query_body(query) for drawn in corpus.queries(each).values() for query in drawn]
    Random(seed).shuffle(found)
    return found


def common_words(corpus: Corpus, files: int, user_files: int, most: int) -> list[str]:
    """Tell which words more than so many files have, for a server that has to be told."""
    found: Counter[bytes] = Counter()
    for _ in range(files // user_files):
        for record in bodies(corpus.user(user_files)):
            path = record[1 : record.rindex(b'"')].lower()
            found.update(set(re.findall(rb"[0-9a-z\x80-\xff]+", path)))
    return sorted(word.decode() for word, count in found.items() if count > most)


def main() -> None:
    """Print the common words, one a line, as OpenNap's `filter` file wants them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--user-files", type=int, default=5_000)
    parser.add_argument("--most", type=int, default=5_000, help="files a word may have")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    corpus = Corpus(options.seed)
    print("\n".join(common_words(corpus, options.files, options.user_files, options.most)))


if __name__ == "__main__":
    main()
