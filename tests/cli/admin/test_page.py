"""What the page about running the daemons says of `napster admin` is true."""

import re
import textwrap
from pathlib import Path

import pytest

from napster.cli.commands.admin import COMMAND
from napster.daemon.options import table
from napster.index.bans import canonical
from napster.index.config import Settings
from napster.index.invitations import split_email
from napster.index.levels import Level
from napster.peer.tap import Options

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text("utf-8")
SECTION = PAGE.partition("## Keeping order on an index\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", COMMAND.commands)
def test_every_command(name: str) -> None:
    """Each command has its place in the table."""
    assert re.search(rf"^\| .*`{name}[` ].*\|", SECTION, re.MULTILINE)


def test_levels() -> None:
    """The levels stand in their order."""
    titles = [level.title for level in Level]
    assert re.findall(rf"^\| ({'|'.join(titles)}) \|", SECTION, re.MULTILINE) == titles


def test_masks_and_codes() -> None:
    """Each mask in the text is one, and the code is read as one."""
    (sentence,) = re.findall(r"A mask is (.*?)\. A\sban", SECTION, re.DOTALL)
    masks = re.findall(r"`([^`]+)`", sentence)
    assert len(masks) == 8
    assert all(canonical(mask) for mask in masks)
    (given,) = re.findall(r'email = "(.*)"', SECTION)
    assert split_email(given)[1] == "anna@example.org"


def _peer() -> str:
    """Take the configuration of a peer that registers out of the text."""
    (text,) = re.findall(r"\n\n((?: {4}.*\n)*?    register = (?:.*\n)(?: {4}.*\n)*)", SECTION)
    return str(text)


def test_peer_that_registers(tmp_path: Path) -> None:
    """What is told to somebody who is invited is enough to start with."""
    password = tmp_path / "password"
    password.write_text("open-sesame")
    password.chmod(0o600)
    config = tmp_path / "peer.toml"
    config.write_text(textwrap.dedent(_peer().replace("/etc/napster/password", str(password))))
    options = Options()
    options.parseOptions(["--config", str(config), "--state", str(tmp_path)])
    assert options.settings.register


def test_options() -> None:
    """Each option that is named exists."""
    named = set(re.findall(r"`?\b([a-z_]+) = (?:true|false|\[|\")", SECTION.replace(_peer(), "")))
    assert named <= set(table(Settings))
    assert {"unshareable", "port_test", "metaserver", "unregistered"} <= named
