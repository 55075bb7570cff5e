"""Plays all scenarios, or those whose names hold one of the words given; exit status 0 if all do.

Exit status 2 means that this machine cannot play them, and says why.
"""

import sys
from signal import SIGTERM, signal

from tests.namespaces.daemons import FailedError
from tests.namespaces.hosts import HostsError, missing
from tests.namespaces.scenarios import SCENARIOS, SIZE, Scenario, run


def main(words: list[str]) -> int:
    """Play; returns the exit status."""
    if lacking := list(missing()):
        print(f"cannot be run here: this takes {', '.join(lacking)}", file=sys.stderr)
        return 2
    signal(SIGTERM, lambda *_: sys.exit(143))  # so that everything is cleaned up
    chosen = [each for each in SCENARIOS if not words or any(word in each.name for word in words)]
    outcomes = [_played(scenario) for scenario in chosen]
    print(f"{sum(outcomes)} of {len(outcomes)} as they should be, files of {SIZE >> 20} MiB")
    return 0 if outcomes and all(outcomes) else 1


def _played(scenario: Scenario) -> bool:
    try:
        seconds = run(scenario)
    except (FailedError, HostsError) as error:
        print(f"{scenario.name:28} FAILED: {error}", flush=True)
        return False
    outcome = "refused, as it should be" if scenario.refusal else "arrived whole"
    print(f"{scenario.name:28} {seconds:6.1f} s  {outcome}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
