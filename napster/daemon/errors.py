"""What goes wrong with a daemon and is the user's to mend."""


class DaemonError(Exception):
    """A reason not to start or go on: one sentence that says what is wrong and what to do."""
