"""
A producer's node: ``python -m access.node /etc/hub-node.toml``.

At its first start it makes its private key and prints the public one, with which it is opened in
the hub. Then it asks the hub for work, does it where the data are, and never listens.
"""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog

from access.errands.orders import OrderRefused
from access.node import config as configuration
from access.node.config import Config, ConfigWrong
from access.node.link import WAIT_SECONDS, Http, Hub, HubRefused, LinkCut
from access.node.premises import InUse, Premises, identity
from access.node.sources import Sources
from access.node.stopping import Interrupted, Stopping
from access.node.working import Self, Worker
from hub.crypto.letters import recipient_of

logger = structlog.get_logger(__name__)
OFFER_SECONDS = 600.0
LONGEST_PAUSE = 30.0
NOT_ENROLLED = 3


def now() -> datetime:
    """Return the moment."""
    return datetime.fromtimestamp(time.time(), UTC)


def main(words: list[str]) -> int:
    """Run a node until it is asked to stop; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m access.node", description=__doc__)
    parser.add_argument("config", type=Path, help="the TOML file of the node")
    parser.add_argument("--hub", help="the address of the hub, in place of the file's")
    asked = parser.parse_args(words)
    try:
        config = configuration.read(asked.config)
        hub = configuration.address(asked.hub) if asked.hub else config.hub
        return _run(config, hub)
    except ConfigWrong as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2


def _run(config: Config, address: str) -> int:
    sources = Sources(config.sources)
    premises, private = Premises(config.state), identity(config.identity)
    try:
        credentials = configuration.credentials(config.credentials)
    except FileNotFoundError:
        sys.stdout.write(
            f"The public key of this node is {recipient_of(private)}\n"
            "Open the node with it in the hub (« My nodes »), then write what the hub shows in"
            f' {config.credentials}: {{"client_id": "…", "secret": "…"}}\n'
        )
        return NOT_ENROLLED
    stopping = Stopping()
    stopping.listen()
    me = Self(
        client_id=credentials.client_id,
        hub_key=config.hub_key,
        identity=private,
        policy=config.policy,
        link_seconds=config.link_seconds,
    )
    link = Hub(Http(address, config.ca), credentials, stopping.wait)
    worker = Worker(me, premises, sources, link, clock=now, stopping=stopping)
    try:
        with premises.held():
            premises.tidy()
            _serve(worker, stopping)
    except Interrupted:
        logger.info("node.stopped")
    except InUse:
        sys.stderr.write(f"Another node already works in {config.state}.\n")
        return 1
    return 0


def _serve(worker: Worker, stopping: Stopping) -> None:
    logger.info("node.started")
    pause, offer_at = 1.0, 0.0
    while not stopping.is_set():
        try:
            if time.monotonic() >= offer_at:
                worker.offer()
                offer_at = time.monotonic() + OFFER_SECONDS
            worker.step(WAIT_SECONDS)
            pause = 1.0
        except (LinkCut, HubRefused, OrderRefused) as error:
            logger.warning("node.waits", why=type(error).__name__, said=str(error))
            stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
    logger.info("node.stopped")


if __name__ == "__main__":
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
    sys.exit(main(sys.argv[1:]))
