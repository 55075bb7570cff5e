"""What all sessions of one index share."""

from typing import TYPE_CHECKING

import attrs
from twisted.internet.interfaces import IReactorTime

from napster.catalog.interface import ICatalog, Totals
from napster.index.accounts import Accounts
from napster.index.addresses import AddressMap, observed_number
from napster.index.census import CensusTaker
from napster.index.channels.register import Channels
from napster.index.config import Settings
from napster.index.hotlists import Hotlists
from napster.index.influx import Influx
from napster.index.limits import Limits
from napster.index.meters import Meters
from napster.index.motd import read_motd
from napster.index.name_filter import NameFilter
from napster.index.network import Network, User
from napster.index.records import Records
from napster.index.relay.desk import RelayDesk
from napster.index.requests import Requests
from napster.index.search_log import SearchLog
from napster.index.standing_searches import StandingSearches
from napster.wire.extension import Feature
from napster.wire.messages.login import Stats

if TYPE_CHECKING:
    from napster.index.port_tester import PortTester
    from napster.index.session import Session

_FEATURES = Feature.CONTENT | Feature.SECURE


@attrs.define(eq=False)
class Hub:
    """Everything behind the sessions; `clock` is monotonic."""

    clock: IReactorTime
    settings: Settings
    catalog: ICatalog
    accounts: Accounts
    limits: Limits
    channels: Channels
    records: Records
    port_tester: "PortTester"
    network: Network = attrs.field(init=False)
    requests: Requests = attrs.field(init=False)
    hotlists: Hotlists = attrs.field(init=False, factory=Hotlists)
    address_map: AddressMap = attrs.field(init=False)
    name_filter: NameFilter = attrs.field(init=False)
    motd: tuple[bytes, ...] = attrs.field(init=False)
    sessions: set["Session"] = attrs.field(init=False, factory=set)
    """All connections, those before login included."""
    meters: Meters = attrs.field(init=False, factory=Meters)
    influx: Influx = attrs.field(init=False)
    standing: StandingSearches = attrs.field(init=False)
    relay: RelayDesk = attrs.field(init=False)
    census: CensusTaker = attrs.field(init=False)
    search_log: SearchLog | None = attrs.field(init=False, default=None)
    """What was searched for lately; kept only if there is a page that shows it."""

    def __attrs_post_init__(self) -> None:
        """Read what the settings name; raises MotdError."""
        self.network = Network(self.clock)
        self.requests = Requests(self.clock, 0, 0)
        self.influx = Influx(self.clock)
        self.standing = StandingSearches(self.clock, self.catalog)
        self.relay = RelayDesk(self.clock, self.limits)
        self.census = CensusTaker(self.clock, self.catalog)
        self.configure(self.settings)

    def configure(self, settings: Settings) -> None:
        """Apply other settings; raises MotdError, and then keeps the ones before."""
        self.motd = read_motd(settings)
        self.settings = settings
        self.address_map = AddressMap(settings.address_map)
        self.name_filter = NameFilter(settings.unshareable)
        self.requests.patience = settings.request_timeout
        self.requests.most = settings.max_requests
        self.limits.configure(settings)
        self.relay.configure(settings)

    @property
    def features(self) -> Feature:
        """What the index offers those who understand extension messages."""
        return _FEATURES | Feature.RELAY if self.relay.is_open else _FEATURES

    def address_for(self, asker: User, user: User) -> int:
        """Return the address at which one user can connect to another."""
        if self.address_map.are_neighbours(asker.host, user.host):
            return observed_number(user.host) or user.address
        return user.address

    def stats(self) -> Stats:
        """Make the message of the totals."""
        totals: Totals = self.catalog.totals()
        return Stats(len(self.network), totals.files, totals.size >> 30)
