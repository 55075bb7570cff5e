"""The options of a running daemon: shown, and changed until it ends."""

import json
import tomllib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from twisted.internet.defer import Deferred

from napster.daemon import options as table
from napster.daemon.command import DaemonOptions
from napster.daemon.options import ConfigError, OptionInfo
from napster.daemon.turns import Turns
from napster.index.admin.values import SettingInfo


class LiveSettings:
    """Options as if given on the daemon's command line: over the file, whenever that is reloaded.

    `reload` has the daemon apply the file and the command line again, as SIGHUP does.
    """

    def __init__(self, options: DaemonOptions, reload: Callable[[], Awaitable[object]]) -> None:
        self._options = options
        self._reload = reload
        self._table = table.table(options.settings_class)
        self._one_at_a_time = Turns()

    def all(self) -> Iterator[SettingInfo]:
        """List the options as they are now."""
        return map(self._info, self._table)

    async def change(self, name: str, text: str) -> SettingInfo:
        """Give an option another value and apply the file again; raises ConfigError.

        After any failure the option is given as it was before.
        """
        wanted = self._checked(name, text)
        return await self._one_at_a_time.run(
            lambda: Deferred.fromCoroutine(self._change(name, wanted))
        )

    async def _change(self, name: str, wanted: Any) -> SettingInfo:
        before = dict(self._options.overrides)
        self._options.overrides[name] = wanted
        try:
            await self._apply(name)
        except Exception:
            self._options.overrides = before
            raise
        return self._info(name)

    async def _apply(self, name: str) -> None:
        new = self._options.reload()
        await self._reload()
        if getattr(self._options.settings, name) != getattr(new, name):
            raise ConfigError(f"{name} could not be changed; the daemon's log says why")

    def _checked(self, name: str, text: str) -> Any:
        if not name:
            raise ConfigError("name an option; napster admin settings lists them")
        found = self._table.get(name)
        if found and not found[0].reload:
            raise ConfigError(f"{name} needs a restart: write it into the configuration file")
        wanted = _value(found[0], text) if found else text
        try:
            table.load(self._options.settings_class, None, {name: wanted})
        except ConfigError as error:
            raise ConfigError(str(error).removeprefix("--").removeprefix("None: ")) from error
        return wanted

    def _info(self, name: str) -> SettingInfo:
        info, _ = self._table[name]
        value = getattr(self._options.settings, name)
        shown = "" if value is None else _text(info.kind.show(value))
        return SettingInfo(name, shown, info.reload, info.help)


def _value(info: OptionInfo, text: str) -> Any:
    """Read a value as the configuration file would hold it."""
    if text[:1] in {"[", "{"}:
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{text} is not TOML: {error}") from error
    word = info.kind.word(text)
    return [word] if info.kind.many else word


def _text(value: object) -> str:
    if isinstance(value, list | tuple | Mapping):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
