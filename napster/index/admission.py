"""Who may log in, and who may register: bans, passwords, invitations."""

from napster.index.accounts import Account, NickTakenError
from napster.index.invitations import InvitationError, split_email
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.network import User
from napster.index.profile import email_address, password_fault
from napster.index.session import Session
from napster.wire.messages import Message
from napster.wire.messages.login import Login, LoginError, Register

_CLOSED = (
    "registration is closed; whoever runs this server can invite you, and you give the code of the "
    "invitation as your e-mail address"
)


class RefusedError(Exception):
    """A login that is not granted; `reason` is the message that says so and ends it."""

    def __init__(self, reason: Message | str) -> None:
        super().__init__(reason)
        self.reason = login_error(reason) if isinstance(reason, str) else reason


def login_error(text: str) -> LoginError:
    """Make the message that says why somebody does not come in."""
    return LoginError(text.encode("utf-8", "replace"))


async def find_account(session: Session, request: Login) -> Account | None:
    """Find the account a login is for, if its nick is registered; raises RefusedError."""
    account = await session.hub.accounts.find(request.nick)
    _refuse_banned(session, request.nick, account.level if account else Level.USER)
    if account is None and not session.hub.settings.unregistered:
        raise RefusedError(f"{request.nick} is not registered, and must be to log in here")
    if account and not await _is_password(session, account, request.password):
        session.log.info("{session}: wrong password for {nick}", session=session, nick=request.nick)
        raise RefusedError("Invalid Password")
    return account


async def new_account(session: Session, request: Register) -> Account:
    """Register a nick that nobody has, online or not; raises RefusedError and LimitError."""
    hub = session.hub
    _refuse_banned(session, request.nick, Level.USER)
    invitation, email = split_email(request.email)
    if hub.settings.registration:
        invitation = None
    elif invitation is None:
        raise RefusedError(_CLOSED)
    if fault := password_fault(request.password):
        raise RefusedError(fault)
    if await hub.network.locate(request.nick):
        raise RefusedError(f"{request.nick} is already active")
    hub.limits.spend(Cost.REGISTRATION, session.allowance.address)
    account = await _register(session, request, email_address(email), invitation)
    session.log.info("{session}: registered {nick}", session=session, nick=request.nick)
    return account


async def _register(
    session: Session, request: Register, email: str, invitation: str | None
) -> Account:
    records, accounts = session.hub.records, session.hub.accounts
    try:
        if invitation:
            await records.invitations.check(invitation)  # before a password costs anything
        return await accounts.register(request.nick, request.password, email, invitation=invitation)
    except NickTakenError:
        raise RefusedError("account registered to another user") from None
    except InvitationError as error:
        raise RefusedError(str(error)) from None


async def knows_password(session: Session, nick: str, password: bytes) -> bool:
    """Whether a password is that of a nick, and who asks is not banned; raises LimitError."""
    account = await session.hub.accounts.find(nick)
    if account is None or session.hub.records.bans.find(
        account.nick, session.peer.host, account.level
    ):
        return False
    return await _is_password(session, account, password)


async def look_again(session: Session, nick: str, account: Account | None) -> Account | None:
    """Return the account that was found for a nick as it is now, after all waiting.

    Raises RefusedError if there is another one, or none, or another password by now.
    """
    now = await session.hub.accounts.find(nick)
    if (now and now.password) != (account and account.password):
        raise RefusedError(f"the account of {nick} was changed meanwhile, log in again")
    return now


def refuse_late_ban(session: Session, user: User) -> None:
    """Raise RefusedError for a ban set while the login was looked into."""
    try:
        _refuse_banned(session, user.nick, user.level)
    except RefusedError:
        session.hub.network.release(user.nick, session)
        raise


def _refuse_banned(session: Session, nick: str, level: Level) -> None:
    """Raise RefusedError if a ban means somebody, before a password costs anything."""
    if ban := session.hub.records.bans.find(nick, session.peer.host, level):
        session.log.info(
            "{session}: {nick} is banned as {mask}", session=session, nick=nick, mask=ban.mask
        )
        raise RefusedError(ban.sentence)


async def _is_password(session: Session, account: Account, password: bytes) -> bool:
    if password_fault(password):
        return False
    return await session.hub.accounts.is_password(account, password, session.allowance.address)
