"""One table of options: TOML checking, the command line and the reference are made from it.

A daemon describes its configuration as one `attrs.frozen` class whose fields are made by `option`.
The command line goes over the file, the file over the default.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import attrs

from napster.daemon.errors import DaemonError
from napster.daemon.kinds import Kind, WrongItemError

T = TypeVar("T")
_METADATA = "napster.option"


class ConfigError(DaemonError):
    """A configuration that cannot be used: one line that names file, key and what is right."""


@attrs.frozen
class OptionInfo:
    """What is known of an option besides its name and default."""

    kind: Kind
    help: str
    reload: bool
    """Whether SIGHUP applies a change; else it takes a restart."""
    flag: str | None
    """What the command line calls it, without dashes; None if it is only for the file."""
    metavar: str

    def typed(self, name: str) -> str:
        """Call the option what the command line calls it, else by its name."""
        return f"--{self.flag}" if self.flag else name


def option(
    kind: Kind,
    default: object,
    help: str,  # noqa: A002  # the word every option parser uses
    *,
    reload: bool = False,
    flag: str | None = None,
    metavar: str = "VALUE",
) -> Any:
    """Declare one option of a settings class."""
    info = OptionInfo(kind, help, reload, flag, metavar)
    return attrs.field(default=default, metadata={_METADATA: info})


def table(settings: type) -> dict[str, tuple[OptionInfo, Any]]:
    """List a settings class's options with their defaults, in order."""
    fields = cast("Sequence[attrs.Attribute[Any]]", attrs.fields(settings))  # mypy: any attrs class
    return {each.name: (each.metadata[_METADATA], each.default) for each in fields}


def load(settings: type[T], file: Path | None, overrides: Mapping[str, object]) -> T:
    """Make a settings value from a TOML file and the command line's values.

    `overrides` holds TOML-like values by option name. Raises ConfigError.
    """
    known = table(settings)
    values: dict[str, Any] = {}
    for source, found in ((file, _read(file) if file else {}), (None, overrides)):
        for key, value in found.items():
            values[key] = _checked(source, known, key, value)
    return settings(**values)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: is not TOML: {error}") from error


def _checked(
    file: Path | None, known: Mapping[str, tuple[OptionInfo, Any]], key: str, value: object
) -> object:
    if key not in known:
        nearest = _nearest(key, known)
        raise ConfigError(f"{file}: {key}: is not an option{nearest}")
    info, _ = known[key]
    place = f"{file}: {key}" if file else info.typed(key)
    try:
        return info.kind.check(value)
    except ValueError as error:
        wrong = error.value if isinstance(error, WrongItemError) else value
        raise ConfigError(f"{place}: {error}, not {wrong!r}") from error


def _nearest(key: str, known: Mapping[str, object]) -> str:
    import difflib  # noqa: PLC0415  # only a mistyped key pays for it

    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]}?" if close else "; the options are " + ", ".join(known)


def changed(old: object, new: object) -> tuple[list[str], list[str]]:
    """Compare two settings of one class: the options SIGHUP applies, and those it cannot."""
    live: list[str] = []
    later: list[str] = []
    for name, (info, _) in table(type(new)).items():
        if getattr(old, name) != getattr(new, name):
            (live if info.reload else later).append(name)
    return live, later


def reference(settings: type, about: str) -> str:
    """Write the TOML file that holds every option with its default and one line about it."""
    parts = [f"# {line}".rstrip() for line in about.splitlines()]
    for name, (info, default) in table(settings).items():
        when = "reload" if info.reload else "restart"
        flag = f"; --{info.flag}" if info.flag else ""
        parts += ["", f"# {info.help} ({when}{flag})", f"{_toml_line(name, info, default)}"]
    return "\n".join(parts) + "\n"


def _toml_line(name: str, info: OptionInfo, default: object) -> str:
    if default is None:
        return f"# {name} ="
    return f"{name} = {_toml(info.kind.show(default))}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(str(k))} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
