"""The options of a daemon under twistd: flags from the option table, the file, the checks."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from twisted.python import usage

from napster.daemon import options, places
from napster.daemon.checks import Problem
from napster.daemon.errors import DaemonError
from napster.daemon.state import StateFolder
from napster.daemon.twistd import Twistd


class DaemonOptions(usage.Options):
    """Command line of one daemon; a subclass names the daemon and its settings.

    Under twistd a mistake ends the process with one sentence and status 1; elsewhere it raises
    `usage.UsageError`.
    """

    name: ClassVar[str]
    """`index` or `peer`: names the configuration file, the state folder and the log."""
    settings_class: ClassVar[type]
    """An attrs class whose fields are made by `option`."""

    settings: Any
    state: StateFolder
    config_file: Path | None
    twistd: Twistd | None = None

    optParameters: ClassVar[list[list[Any]]] = [
        ["config", None, None, "(FILE) read this configuration file"],
        ["state", None, None, "(DIR) keep the daemon's own files in this folder"],
    ]
    optFlags: ClassVar[list[list[Any]]] = [
        ["check", None, "check the configuration, say whether it is right, and exit"],
        ["print-config", None, "print every option with its default as TOML, and exit"],
    ]

    def __init_subclass__(cls) -> None:
        """Give the subclass a flag for each option that has one."""
        super().__init_subclass__()
        for name, (info, _) in options.table(cls.settings_class).items():
            if info.flag:
                setattr(cls, "opt_" + info.flag.replace("-", "_"), _flag(name, info))

    def __init__(self) -> None:
        super().__init__()
        self.overrides: dict[str, Any] = {}

    def checks(self, settings: Any) -> Iterable[Problem]:  # noqa: ARG002  # for subclasses  # noqa: ARG002  # for subclasses
        """List what is wrong with settings whose values are right by themselves.

        For a subclass to extend: folders that do not exist, files that others can read.
        """
        return ()

    def parseOptions(self, options: Any = None) -> None:
        """Parse the words after the daemon's name."""
        try:
            super().parseOptions(options)
        except usage.UsageError as error:
            if self.parent is None:
                raise
            # twistd would answer with two screens of help and the error below them.
            sys.exit(f"napster-{self.name}: {error}")

    def parseArgs(self, *words: str) -> None:
        """Refuse words that belong to no flag."""
        if words:
            raise usage.UsageError(f"{words[0]}: only options can follow napster-{self.name}")

    def postOptions(self) -> None:
        """Load and check everything; nothing on disk is changed."""
        if self["print-config"]:
            self._finish(self.reference().rstrip())
        try:
            self._prepare()
        except DaemonError as error:
            raise usage.UsageError(str(error)) from error
        if self["check"]:
            self._finish("configuration is right")

    def reload(self) -> Any:
        """Read the file again and put the same command line over it.

        Returns the new settings and leaves `settings` alone; raises ConfigError.
        """
        file = self.config_file or self._find_config()
        settings: Any = options.load(self.settings_class, file, self.overrides)
        for problem in self.checks(settings):
            raise options.ConfigError(f"{self._origin(problem.option, file)}: {problem.text}")
        return settings

    @classmethod
    def reference(cls) -> str:
        """Write the configuration file that holds every option with its default."""
        about = (
            f"Configuration of napster-{cls.name}: every option with its default.\n"
            "The command line goes over this file, this file over the default. A change marked\n"
            "(reload) is applied by SIGHUP, one marked (restart) by a restart of the daemon.\n"
            "Times are in seconds."
        )
        return options.reference(cls.settings_class, about)

    def _prepare(self) -> None:
        self.config_file = self._find_config()
        self.settings = self.reload()
        given = self["state"]
        self.state = StateFolder(
            Path(given).absolute() if given else places.state_folder(self.name, os.environ)
        )
        if self["check"]:
            return
        self.state.check()
        if self.parent is not None:
            self.twistd = Twistd(self.parent)

    def _origin(self, option: str, file: Path | None) -> str:
        if option in self.overrides:
            info, _ = options.table(self.settings_class)[option]
            return info.typed(option)
        return f"{file}: {option}" if file else option

    def _find_config(self) -> Path | None:
        given = self["config"]
        return Path(given).absolute() if given else places.config_file(self.name, os.environ)

    @staticmethod
    def _finish(text: str) -> NoReturn:
        print(text)  # noqa: T201  # the answer to the flag that was given
        sys.exit(0)


def _flag(name: str, info: options.OptionInfo) -> Callable[[DaemonOptions, str], None]:
    """Make the method that twisted calls for each occurrence of an option's flag."""

    def collect(self: DaemonOptions, word: str) -> None:
        value = info.kind.word(word)
        if info.kind.many:
            self.overrides.setdefault(name, []).append(value)
        else:
            self.overrides[name] = value

    collect.__doc__ = f"({info.metavar}) {info.help}"
    return collect
