"""What keeps a request from being carried out; each text is one sentence for a person."""


class ApiError(Exception):
    """A request that could not be carried out; the text is one sentence for a person."""


class BadRequestError(ApiError):
    """The request itself is wrong: the sentence names the word and what would be right."""


class NotFoundError(ApiError):
    """What was asked for is not there."""


class UnreachableError(ApiError):
    """The daemon or the index cannot be reached, or nobody is logged in there."""
