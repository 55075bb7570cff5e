"""Letting in who shows a ticket: the side that says `1`."""

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from napster.peer.pieces.connection import Conversation, TicketConnection
from napster.peer.security.guard import Guard, InsecureError
from napster.peer.security.tickets import Ticket
from napster.wire.transfer import Acceptor, TicketShown


class AcceptingConnection(TicketConnection):
    """Answers who shows a ticket; whoever knows what it is for overrides `conversation_by`."""

    log = Logger()

    def __init__(self, clock: IReactorTime, guard: Guard, name: str) -> None:
        """`name` is what log lines call the connection."""
        self.acceptor = Acceptor()
        self.name = name
        super().__init__(clock, self.acceptor, guard)

    def let_in(self, shown: TicketShown) -> None:
        """Go over to the conversation, or say why not."""
        try:
            ticket = self._guard.admit(shown.ticket, shown.mode)
        except InsecureError as error:
            self.log.info("{peer}: not let in: {why}", peer=self.name, why=str(error))
            self.acceptor.deny(error.denial)
            self.flush()
            self.transport.loseConnection()
            return
        self.acceptor.admit(shown.mode)
        self.flush()
        self.converse(self.conversation_by(ticket), ticket, shown.mode)

    def conversation_by(self, ticket: Ticket) -> Conversation:
        """Choose what is talked about."""
        raise NotImplementedError
