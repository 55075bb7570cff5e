"""What a channel can be called (protocol section 2, messages 400 and following)."""

_FORBIDDEN = frozenset('%$*?",')
_PREFIXES = "#&"


def channel_name(given: str) -> str:
    """Return the name that a client means: programs of 1999 leave the `#` out."""
    return given if given.startswith(tuple(_PREFIXES)) else f"#{given}"


def channel_key(given: str) -> str:
    """Return the name as it is compared: without case."""
    return channel_name(given).lower()


def name_fault(name: str, longest: int) -> str | None:
    """Say in one sentence why no channel can have this name; None if one can.

    `longest` is how many characters may stand behind the first one.
    """
    if not 2 <= len(name) <= longest + 1:
        return f"a channel's name has 1 to {longest} characters behind its {name[0]}"
    if any(not "!" <= char <= "~" or char in _FORBIDDEN for char in name):
        forbidden = " ".join(sorted(_FORBIDDEN))
        return f"a channel's name is made of printable ASCII without spaces and {forbidden}"
    return None
