"""`python -m worker`."""

import os
import sys

from prometheus_client import start_http_server
from setproctitle import setproctitle

from desk import idle
from desk import workflows as desk_workflows
from desk.figures import keeping
from desk.privacy import periods
from returns import workflows
from returns.errors import ConfigurationError
from returns.logs import quiet_logs
from returns.wiring import House, open_house
from returns.work import WorkItem, WorkKind
from worker.process import Duties, run

CONFIGURATION_WRONG = 2
NICE = 5  # who acknowledges and who answers at once go first
# An attempt that a customer waits for asks for Python's lock at each statement, and
# waits this long for it while another thread counts.
SWITCH_SECONDS = 0.0005


def duties(house: House) -> Duties:
    """What both rooms below want done."""

    def give_up(item: WorkItem) -> None:
        if not desk_workflows.give_up(house, item):
            workflows.give_up(house, item)

    def return_idle() -> None:
        idle.return_idle(house)

    def keep_figures() -> None:
        keeping.keep(house)

    return Duties(
        handlers={**workflows.handlers(house), **desk_workflows.handlers(house)},
        on_given_up=give_up,
        ticks=(
            workflows.calendar(house),
            workflows.now_and_then(return_idle),
            periods.calendar(house),
            workflows.each_day(house, WorkKind.RECONCILE),
            workflows.now_and_then(keep_figures, keeping.LOOK_SECONDS),
            desk_workflows.calendar(house),
        ),
    )


def tell_metrics(house: House) -> None:
    """Where BONRETOUR_METRICS_PORT says; Prometheus alone may reach it."""
    port = house.settings.metrics_port
    if port is not None:
        start_http_server(port, house.settings.private_host)


def main() -> int:
    setproctitle("bonretour-worker")
    os.nice(NICE)
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        quiet_logs()
        house = open_house()
        tell_metrics(house)
        return run(house, duties(house))
    except ConfigurationError as error:
        print(f"worker: {error}", file=sys.stderr)
        return CONFIGURATION_WRONG


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # an attempt cut short must not keep the process alive
