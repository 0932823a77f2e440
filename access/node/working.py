"""
The work of a node: verify the order, hold to one's own rules, do it here, send what comes of it.

Rows and keys stay in this process and this folder. What goes out is counts, codes and sealed files.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from access.errands import declared
from access.errands.orders import (
    Envelope,
    ExtractLetter,
    IntakeLetter,
    Kind,
    Order,
    OrderRefused,
    verified,
)
from access.extracts import engine
from access.extracts.bundle import Staging
from access.extracts.delivered import CELLS
from access.extracts.outcomes import Outcome, outcome_told
from access.extracts.ports import CONSENTS, SourceFile, SubjectSet
from access.node.content import Digesting
from access.node.link import Hub, HubRefused, LinkCut, NotHeld
from access.node.policy import Policy, require_allowed, require_open
from access.node.premises import Kept, Premises
from access.node.saying import Saying, Stopped, told_of
from access.node.sources import Sources
from access.node.stopping import Stopping
from access.plans.plan import Plan
from catalog.datasets.keeping import Keeping
from catalog.datasets.snapshots import Intake
from catalog.vault.intake import take_in
from hub.crypto.files import SealedReader, Unreadable
from hub.crypto.keys import Secret
from hub.crypto.letters import LetterRefused, unseal
from hub.crypto.prf import WIDTH

logger = structlog.get_logger(__name__)
LINK_PAUSE = 2.0
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Self:
    """
    Who a node is, and what it holds to.

    :param client_id: its name at the hub
    :param hub_key: the public key of the hub
    :param identity: its private key
    """

    client_id: str
    hub_key: str
    identity: Secret
    policy: Policy
    link_seconds: float


class Worker:
    """
    Does one errand after another.

    :param stopping: set when the node is asked to stop
    """

    def __init__(
        self,
        me: Self,
        premises: Premises,
        sources: Sources,
        hub: Hub,
        *,
        clock: Clock,
        stopping: Stopping,
    ) -> None:
        self._me = me
        self._premises = premises
        self._sources = sources
        self._hub = hub
        self._clock = clock
        self._stopping = stopping

    def offer(self) -> None:
        """Say what the node offers."""
        self._hub.offer(self._sources.offered())

    def step(self, wait: int) -> bool:
        """
        Send what waits, do the next errand, send what comes of it; tell whether there was one.

        :raises LinkCut: when the hub cannot be reached
        """
        self._send_all()
        with self._stopping.at_leisure():
            envelope = self._hub.next(wait)
        if envelope is None:
            return False
        self._do(envelope)
        self._send_all()
        return True

    def _send_all(self) -> None:
        for spool in self._premises.spools():
            self._send(spool)

    def _do(self, envelope: Envelope) -> None:
        said = Order.from_json(envelope.order)
        saying = Saying(self._hub, said)
        try:
            order = verified(
                envelope, public=self._me.hub_key, node=self._me.client_id, at=self._clock()
            )
            self._require_new(order)
            logger.info("node.errand", kind=order.kind, job=order.job, attempt=order.attempt)
            work = self._extract if order.kind is Kind.EXTRACT else self._intake
            work(order, envelope, saying)
        except NotHeld:
            logger.info("node.let_go", job=said.job)
        except Exception as error:  # noqa: BLE001 - whatever it is, the hub is told a code
            self._refuse(saying, error)

    def _require_new(self, order: Order) -> None:
        if not self._premises.is_new(order.nonce, order.expires_at, self._clock()):
            raise OrderRefused("order-replayed")

    def _refuse(self, saying: Saying, error: Exception) -> None:
        told = told_of(error, stopping=self._stopping.is_set())
        logger.warning("node.refused", job=saying.order.job, code=told.refusals[0].code)
        try:
            saying.refuse(told)
        except NotHeld:
            logger.info("node.let_go", job=saying.order.job)

    # -- extracts -----------------------------------------------------------------------------------

    def _extract(self, order: Order, envelope: Envelope, saying: Saying) -> None:
        plan = _plan(envelope.body, order)
        require_open(self._me.policy, self._clock())
        require_allowed(self._me.policy, plan)
        letter = ExtractLetter.from_json(self._opened(envelope))
        kept = self._kept(plan, order)
        self._sources.require_same(kept, self._premises.content_key, self._go_on)
        spool = self._premises.spool(order.job, order.attempt)
        try:
            report = self._made(plan, letter, kept, self._consent(order, letter), spool, saying)
            self._premises.seal(spool, {"job": order.job, "attempt": order.attempt, **report})
        except BaseException:
            self._premises.drop(spool)
            raise

    def _opened(self, envelope: Envelope) -> bytes:
        try:
            return unseal(envelope.letter, self._me.identity)
        except LetterRefused:
            raise OrderRefused("keys-altered") from None

    def _kept(self, plan: Plan, order: Order) -> Kept:
        kept = self._premises.kept(plan.source.release)
        approved = (order.source, order.content_digest, order.rows)
        if kept is None or (kept.source, kept.digest, kept.rows) != approved:
            raise OrderRefused("not-taken-in")
        return kept

    def _consent(self, order: Order, letter: ExtractLetter) -> SubjectSet | None:
        if letter.consents is None:
            return None
        path = self._premises.work / f"{order.job}.{CONSENTS}"
        try:
            self._hub.consents(order.job, order.attempt, path)
            with SealedReader(path, letter.consents, CONSENTS.encode()) as reader:
                content = reader.readall()
        except Unreadable:
            raise OrderRefused("consents-altered") from None
        finally:
            path.unlink(missing_ok=True)
        found = SubjectSet([content[at : at + WIDTH] for at in range(0, len(content), WIDTH)])
        if found.digest != order.consent_digest:
            raise OrderRefused("consents-altered")
        return found

    def _made(
        self,
        plan: Plan,
        letter: ExtractLetter,
        kept: Kept,
        consent: SubjectSet | None,
        spool: Path,
        saying: Saying,
    ) -> dict[str, Any]:
        path, key = self._premises.rows_of(kept)
        staging = Staging(spool, letter.file)
        outcome = engine.run(
            plan=plan,
            sources=[SourceFile(path, key)],
            keys=letter.keys,
            consent=consent,
            output=staging,
            workdir=self._premises.work,
            progress=saying.progress,
            cancelled=lambda: saying.lost or self._stopping.is_set(),
            frozen=letter.left_out,
            meter=saying.meter,
        )
        with staging.create(CELLS) as file:
            file.write(b"".join(outcome.suppressed_cells))
        told: Outcome = replace(outcome, suppressed_cells=())
        files = [asdict(entry) for entry in staging.entries.values()]
        return {"outcome": outcome_told(told), "files": files}

    def _send(self, spool: Path) -> None:
        """Send a spool, however often the link is cut; it stays when the node is stopped first."""
        report = self._premises.report(spool)
        if report is None:
            return
        until = time.monotonic() + self._me.link_seconds
        while not self._sent(spool, report):
            self._stopping.wait(LINK_PAUSE)
            if self._stopping.is_set():
                raise LinkCut
            if time.monotonic() > until:
                logger.warning("node.gave_up_sending", job=report["job"])
                break
        self._premises.drop(spool)

    def _sent(self, spool: Path, report: Mapping[str, Any]) -> bool:
        """Try to send a spool; tell whether nothing more is to be done about it."""
        job, attempt = str(report["job"]), int(report["attempt"])
        sizes = {one["name"]: (spool / one["name"]).stat().st_size for one in report["files"]}
        total, done = sum(sizes.values()), 0
        message = {"attempt": attempt, "outcome": report["outcome"], "files": report["files"]}

        def said(arrived: int) -> None:
            self._say_sending(job, attempt, done + arrived, total)

        try:
            for name, size in sizes.items():
                self._hub.send(job, attempt, spool / name, said)
                done += size
            self._hub.report("extract", job, "end", message)
            logger.info("node.sent", job=job, bytes=total)
        except LinkCut:
            logger.warning("node.link_cut", job=job)
            return False
        except NotHeld:
            logger.info("node.let_go", job=job)
        except HubRefused as refused:
            logger.warning("node.not_received", job=job, codes=refused.codes)
            return not {"piece-elsewhere", "piece-damaged"} & set(refused.codes)
        return True

    def _say_sending(self, job: str, attempt: int, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise LinkCut
        message = {"attempt": attempt, "stage": "sending", "done": done, "total": total}
        self._hub.report("extract", job, "progress", message)

    # -- taking in ------------------------------------------------------------------------------------

    def _intake(self, order: Order, envelope: Envelope, saying: Saying) -> None:
        require_open(self._me.policy, self._clock())
        intake = _intake(envelope.body)
        letter = IntakeLetter.from_json(self._opened(envelope))
        release = str(intake.release_id)
        with self._sources.opened(order.source) as rows:
            columns = tuple(column.name for column in rows.inspect().columns)
            summed = Digesting(rows, self._premises.content_key)
            with self._premises.keeping(release, f"{order.job}.{order.attempt}") as (path, key):
                taken = take_in(
                    summed,
                    intake,
                    path,
                    key,
                    identifier_key=letter.identifiers.__getitem__,
                    progress=lambda rows: self._count(saying, rows),
                )
        kept = Kept(
            file=f"{release}.{order.job}.{order.attempt}.parquet",
            source=order.source,
            rows=taken.rows,
            digest=summed.digest,
            columns=columns,
            read=tuple(one.name for one in intake.fields if one.keeping is not Keeping.NEVER),
        )
        self._premises.keep(release, kept)
        message = {"attempt": order.attempt, "rows": kept.rows, "digest": kept.digest}
        self._hub.report("intake", order.job, "end", message)
        logger.info("node.taken_in", job=order.job, rows=kept.rows)

    def _count(self, saying: Saying, rows: int) -> None:
        self._go_on()
        saying.progress("", rows, rows)
        if saying.lost:
            raise NotHeld

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Stopped


def _plan(body: str, order: Order) -> Plan:
    try:
        plan = Plan.from_json(body)
    except ValueError:
        raise OrderRefused("order-unreadable") from None
    if plan.digest != order.body_digest:
        raise OrderRefused("body-altered")
    return plan


def _intake(body: str) -> Intake:
    try:
        return declared.read(body)
    except ValueError:
        raise OrderRefused("order-unreadable") from None
