"""Random traffic of an index with a small world: few nicks, few words, everything odd included."""

import re
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from random import Random

import attrs

from napster.catalog.interface import NOTHING, Asker, Owner
from napster.catalog.listing import Listing
from napster.wire.extension import Family
from napster.wire.search import Range, SearchQuery
from tests.catalog.helpers import record

NICKS = ["Anna", "bert", "CLEO", "dora", "Émil"]
_WORDS = [
    b"the", b"the", b"the", b"a", b"of", b"love", b"lover", b"loving", b"night", b"knight",
    "Björk".encode(), b"Bj\xf6rk", b"bjork", "Bjo\u0308rk".encode(), "½".encode(), b"1", b"2",
    "don’t".encode(), b"don't", b"dont", "…".encode(), "東京".encode(), "Æther".encode(), b"x2",
]  # fmt: skip
_RARE = [b"w%d" % number for number in range(300)]
_RARE += [b"sixteenletters%02d" % number for number in range(20)]
_RARE += [word + b"more" for word in _RARE[-20:]]
_ENDINGS = [b".mp3"] * 5 + [b".MP3", b".Mp3", b".flac", b".avi", b".xyz", b"", b".", b".tar.gz"]
_DIRECTORIES = [rb"C:\Music", rb"C:\Music\The Best", rb"\home\u", b"", b"\\", b"/unix", rb"D:\a.b"]
_HASHES = [
    b"%032x" % 12345, b"%032x" % 12345, b"0" * 32, b"%032X" % 0xABCDEF, b"%032x-777" % 12345,
    b"NOMD5COMPUTED", b"%032x-0123" % 5, b"%032x-5000000000" % 5, b"%032x-99999999999" % 5, b"abc",
]  # fmt: skip
_SIZES = [0, 1, 1000, 1000, 1000, 2**32 - 1, 2**32, 2**33 + 7, 2**40 - 1, 2**40, 2**63, 2**64 - 1]
_BITRATES = [0, 64, 128, 128, 320, 65534, 65535, 65536, 70000, 2**64 - 1]
_FREQUENCIES = [0, 22050, 44100, 44100, 44101, 192000, 192001, 2**40, 2**64 - 1]
_DURATIONS = [0, 1, 60, 300, 65535, 65536, 100000, 2**64 - 1]
CONTENTS = [b"alike" * 6 + b"%02d" % number for number in range(8)]
CONTENTS += [bytes([number] * 32) for number in range(1, 40)]
BROKEN = [
    b"", b"nonsense", b'"open', b'"" %032x 1 2 3 4' % 1, b'"no numbers" %032x' % 1,
    b'"two  spaces" %032x  1 2 3' % 1, b'"letters" %032x 1a b2 3 4' % 1, b"bare %032x 1 2 3 4" % 1,
    b'"quoted hash" "0 1" 1 2 3 4', b'"extra" %032x 1 2 3 4 5 6' % 1, b'"x"y %032x 1 2 3 4' % 1,
    b'ab"cd" %032x 1 2 3 4' % 1, b'"nul\0here" %032x 1 2 3 4' % 1,
    b'"line\nbreak" %032x 1 2 3 4' % 1, b'"minus" %032x -1 -2 3 4' % 1,
    b'"0123" %032x 0123 0128 044100 060' % 1, b'"tail\n" 1 2 3 4\n5 6',
]  # fmt: skip
"""Bodies of message 100 that are not as usual."""
_IN_DIRECTORY = re.compile(rb'"([^"]*\\)([^"\\]*)"(.*)')


@attrs.frozen
class Traffic:
    """What happens, drawn from a seeded generator."""

    random: Random

    def owner(self, nick: str) -> Owner:
        """Draw what is true of an owner."""
        port = self.random.choice([0, 6699])
        free = self.random.random() < 0.5
        relayed = self.random.random() < 0.5
        address, speed = self.random.getrandbits(32), self.random.randrange(11)
        ipv6, families = self.random.random() < 0.3, self._families()
        return Owner(nick, address, port, speed, free, relayed, ipv6, families)

    def _families(self) -> Family:
        return self.random.choice((Family.IPV4, Family.IPV6, Family.IPV4 | Family.IPV6))

    def contents(self, count: int) -> list[bytes]:
        """Draw the content ids of a batch, or none; many are alike, some begin alike."""
        if self.random.random() < 0.4:
            return []
        return [self.random.choice(CONTENTS) for _ in range(count)]

    def offer(self) -> Sequence[bytes]:
        """Draw a batch of offers; some come by directory, if they can."""
        records = self.records()
        in_directories = list(map(_IN_DIRECTORY.fullmatch, records))
        if self.random.random() < 0.5 or not all(in_directories):
            return records
        parts = [match.groups() for match in in_directories if match]
        bodies = [
            b'"%b"' % directory + b"".join(b' "%b"%b' % (name, fields) for _, name, fields in group)
            for directory, group in groupby(parts, itemgetter(0))
        ]
        return Listing.of_directories(bodies) or records

    def records(self) -> list[bytes]:
        """Draw a batch of offers: mostly usual ones, often with the same directory."""
        count = self.random.choice([1, 1, 2, 20, 60])
        odd = self.random.random() < 0.3
        directory = self._directory()
        batch = []
        for _ in range(count):
            if self.random.random() < 0.2:
                directory = self._directory()
            if odd and self.random.random() < 0.2:
                batch.append(self.random.choice(BROKEN))
            else:
                batch.append(self._record(directory, odd=odd))
        return batch

    def _directory(self) -> bytes:
        directory = self.random.choice(_DIRECTORIES)
        if self.random.random() < 0.5:
            directory += b"\\" + self._phrase(2)
        return directory

    def _record(self, directory: bytes, *, odd: bool) -> bytes:
        path = self.path(directory)
        if not odd:
            numbers = {
                "size": self.random.randrange(10**7),
                "bitrate": self.random.choice([128, 320]),
            }
            suffix = self.random.choice([b"", b"-%d" % numbers["size"], b"-77"])
            return record(path, b"%032x" % self.random.getrandbits(20) + suffix, **numbers)
        return record(
            path,
            self.random.choice(_HASHES),
            size=self.random.choice(_SIZES),
            bitrate=self.random.choice(_BITRATES),
            frequency=self.random.choice(_FREQUENCIES),
            duration=self.random.choice(_DURATIONS),
        )

    def path(self, directory: bytes | None = None) -> bytes:
        """Draw a path."""
        directory = self._directory() if directory is None else directory
        name = self._phrase(self.random.choice([1, 2, 4])) + self.random.choice(_ENDINGS)
        if self.random.random() < 0.02:
            name += b"x" * self.random.choice([300, 1500, 1900, 1960, 3000])
        return directory + b"\\" + name if directory else name

    def _phrase(self, words: int) -> bytes:
        pool = _RARE if self.random.random() < 0.6 else _WORDS
        chosen = [self.random.choice(pool) for _ in range(words)]
        chosen = [word.upper() if self.random.random() < 0.2 else word for word in chosen]
        return self.random.choice([b" ", b" - ", b"_"]).join(chosen)

    def query(self) -> SearchQuery:
        """Draw a query, with all results wanted."""
        options = {}
        for name, values in (
            ("speed", range(11)),
            ("bitrate", _BITRATES),
            ("frequency", _FREQUENCIES),
            ("size", _SIZES),
            ("duration", _DURATIONS),
        ):
            if self.random.random() < 0.15:
                options[name] = self._range(list(values))
        kind = self.random.choice([None, None, None, b"mp3", b"audio", b"video", b"text"])
        extension = self.random.choice([None] * 5 + [b"mp3", b"flac", b"xyz", b""])
        return SearchQuery(
            contains=[self._asked() for _ in range(self.random.choice([0, 1, 1, 2]))],
            excludes=[self._asked() for _ in range(self.random.choice([0, 0, 0, 1]))],
            max_results=10**6,
            type=kind,
            extension=extension,
            **options,
        )

    def _asked(self) -> bytes:
        phrase = self._phrase(self.random.choice([1, 1, 2]))
        if self.random.random() < 0.3:
            phrase = phrase[: self.random.randrange(len(phrase) + 1)] + b"*"
        return phrase

    def _range(self, values: list[int]) -> Range:
        low, high = self.random.choice(values), self.random.choice(values)
        return self.random.choice(
            [Range(low, None), Range(None, high), Range(low, low), Range(low, high)]
        )

    def asker(self) -> Asker:
        """Draw who asks."""
        reached_by = self.random.choice((NOTHING, self._families()))
        relayed = self.random.random() < 0.5
        return Asker(self.random.choice(NICKS), reached_by, self._families(), relayed)
