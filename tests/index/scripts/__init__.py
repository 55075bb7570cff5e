"""What users say to an index in turn, and what each of them hears: every message at least once.

Whose name begins with `guest` has not logged in yet; `mod` and `admin` have those levels; `anna` is
registered, `wall` is firewalled, `leech` is a leech; all others are anybody.
"""

from tests.index.scripts.channels import CHANNELS
from tests.index.scripts.files import FILES
from tests.index.scripts.people import PEOPLE

SCRIPTS = FILES | PEOPLE | CHANNELS
