"""Which nicks there can be (protocol section 4.2)."""

_FORBIDDEN = frozenset('%$*?.!",;\\')
_FORBIDDEN_FIRST = frozenset("#&:")
_RESERVED = frozenset({"operserv", "chanserv", "nickserv", "operator"})

LONGEST = 19
"""The most letters old programs accept in a nick."""


def nick_key(nick: str) -> str:
    """Return the nick as it is compared: without case."""
    return nick.lower()


def pattern_fault(pattern: str) -> str | None:
    """Say in one sentence why no nick can look like a pattern with `*` and `?`; None if one can."""
    return _fault(pattern, _FORBIDDEN - {"*", "?"})


def nick_fault(nick: str, server_name: str) -> str | None:
    """Say in one sentence why nobody can have this nick; None if somebody can."""
    if not 1 <= len(nick) <= LONGEST:
        return f"a nick has 1 to {LONGEST} characters"
    if fault := _fault(nick, _FORBIDDEN):
        return fault
    if nick_key(nick) in _RESERVED | {nick_key(server_name)}:
        return "this nick is reserved"
    return None


def _fault(nick: str, forbidden: frozenset[str]) -> str | None:
    if any(not "!" <= char <= "~" or char in forbidden for char in nick):
        named = " ".join(sorted(forbidden))
        return f"a nick is made of printable ASCII without spaces and {named}"
    if nick[0] in _FORBIDDEN_FIRST:
        return f"a nick does not begin with {nick[0]}"
    return None
