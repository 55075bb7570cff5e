"""A seeded world of shared music: who shares which files, and what is searched for.

Words follow Zipf's law. Most files lie in directories of albums, the rest by themselves; popular
albums are shared by many. A path has 8 to 12 words, a user 5,000 files unless told otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from struct import Struct

from napster.wire.search import Range, SearchQuery

HEADER = Struct("<HH")
SHARE = 100
_SYLLABLES = [a + b for a in (*"bdfgklmnprstvz", "br", "st", "tr") for b in "aeiou"]
_ROOTS = ("C:\\Music", "D:\\My Music", "C:\\My Documents\\My Music", "E:\\Shared Folder\\mp3")
_BITRATES = (128, 128, 128, 128, 160, 192, 192, 256, 320, 96)
_ALBUMS = 60_000
_TRACKS = 12
_ALBUM_SHARE = 0.7
_ACCENTED = 0.03
_ACCENTS = str.maketrans("aeiou", "áéîöü")


@dataclass(frozen=True)
class Album:
    """What is on it."""

    artist: str
    title: str
    tracks: list[str]


class Corpus:
    """The world; two of the same seed are equal."""

    def __init__(self, seed: int = 1, words: int = 100_000) -> None:
        self._random = Random(seed)
        self.words = self._make_words(words)
        self._weights = list(accumulate(1 / rank for rank in range(1, words + 1)))
        self._albums = [self._make_album() for _ in range(_ALBUMS)]
        self._popularity = list(accumulate(rank**-0.8 for rank in range(1, _ALBUMS + 1)))

    def _make_words(self, count: int) -> list[str]:
        words = {"the": None}
        while len(words) < count:
            word = "".join(self._random.choices(_SYLLABLES, k=self._random.choice((2, 2, 3, 3, 4))))
            accented = self._random.random() < _ACCENTED
            words[word.translate(_ACCENTS) if accented else word] = None
        return list(words)

    def _phrase(self, shortest: int, longest: int) -> str:
        count = self._random.randint(shortest, longest)
        words = self._random.choices(self.words, cum_weights=self._weights, k=count)
        return " ".join(dict.fromkeys(words)).title()

    def _make_album(self) -> Album:
        tracks = [self._phrase(2, 4) for _ in range(_TRACKS)]
        return Album(self._phrase(1, 2), self._phrase(1, 3), tracks)

    def _paths(self, count: int) -> Iterator[str]:
        """Draw the paths of one user; each only once."""
        root = self._random.choice(_ROOTS)
        seen: set[str] = set()
        while len(seen) < count:
            (album,) = self._random.choices(self._albums, cum_weights=self._popularity)
            if self._random.random() < _ALBUM_SHARE:
                folder = f"{root}\\{album.artist}\\{album.title}"
                paths = [f"{folder}\\{n:02} {track}.mp3" for n, track in enumerate(album.tracks, 1)]
            else:
                track = self._random.choice(album.tracks)
                paths = [f"{root}\\{album.artist} - {album.title} - {track}.mp3"]
            new = [path for path in paths if path not in seen][: count - len(seen)]
            seen.update(new)
            yield from new

    def user(self, count: int) -> bytes:
        """Draw all that one user shares, as frames of message 100."""
        frames = []
        for path in self._paths(count):
            bitrate = self._random.choice(_BITRATES)
            seconds = self._random.randint(90, 480)
            size = bitrate * 125 * seconds + self._random.randrange(4096)
            md5 = f"{self._random.getrandbits(128):032x}"
            body = f'"{path}" {md5} {size} {bitrate} 44100 {seconds}'.encode()
            frames.append(HEADER.pack(len(body), SHARE) + body)
        return b"".join(frames)

    def queries(self, each: int) -> dict[str, list[SearchQuery]]:
        """Draw searches by what makes them cheap or dear."""
        return {kind: [draw() for _ in range(each)] for kind, draw in self._kinds().items()}

    def _word(self, first: int, last: int) -> bytes:
        return self.words[self._random.randrange(first, last)].encode()

    def _kinds(self):
        common, medium, rare = (10, 200), (200, 5000), (5000, len(self.words))

        def word(*where: tuple[int, int]) -> list[bytes]:
            return [self._word(*bounds) for bounds in where]

        def of_a_file() -> list[bytes]:
            album = self._random.choice(self._albums)
            found = f"{album.artist} {self._random.choice(album.tracks)}".split()
            return [each.lower().encode() for each in self._random.sample(found, 2)]

        def search(*phrases: bytes, **options) -> SearchQuery:
            return SearchQuery(contains=phrases, **options)

        return {
            "one rare word": lambda: search(*word(rare)),
            "one medium word": lambda: search(*word(medium)),
            "one common word": lambda: search(*word(common)),
            "the commonest word": lambda: search(b"the"),
            "two words of a file": lambda: search(*of_a_file()),
            "two common words": lambda: search(*word(common, common)),
            "three common words": lambda: search(*word(common, common, common)),
            "medium and common": lambda: search(*word(medium, common)),
            "unknown word": lambda: search(b"zzxq%d" % self._random.randrange(10**6), b"the"),
            "common, one excluded": lambda: search(*word(common), excludes=[b"the"]),
            "the, common excluded": lambda: search(b"the", excludes=word(common)),
            "prefix": lambda: search(word(medium)[0][:4] + b"*"),
            "prefix and common": lambda: search(word(medium)[0][:3] + b"*", *word(common)),
            "bit rate and the": lambda: search(b"the", bitrate=Range(320, None)),
            "bit rate and common": lambda: search(*word(common), bitrate=Range(256, None)),
            "size nothing has": lambda: search(b"the", size=Range(2**31, None)),
            "speed and medium": lambda: search(*word(medium), speed=Range(9, None)),
            "speed and the": lambda: search(b"the", speed=Range(9, None)),
            "filters only": lambda: search(bitrate=Range(256, 320), duration=Range(300, 310)),
        }
