"""Serve the desk."""

import uvicorn

from desk.app import create_app
from desk.channels import accounts
from returns.logs import quiet_logs
from returns.wiring import open_house


def main() -> None:
    quiet_logs()
    house = open_house()
    accounts.check_at_start(house)
    uvicorn.run(
        create_app(house),
        host="0.0.0.0" if house.settings.production else "127.0.0.1",  # noqa: S104
        port=house.settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
        server_header=False,
        proxy_headers=False,  # pace.py: only for proxies that shop.yml names
    )


if __name__ == "__main__":
    main()
