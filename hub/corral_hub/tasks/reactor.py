"""The reactor: drain what has arrived → decide each → one commit for the batch → effects.

One command costs one commit when the hub is idle; under load one commit carries hundreds. No timer: the next batch
starts when the commit before it returns. What the batch decides stands in pure files; this is the pump.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from corral_hub import clock
from corral_hub.db.database import UNREACHABLE, Database
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import Placement
from corral_hub.dispatch.queue import ReadyQueue
from corral_hub.errors import Refused, Unavailable
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.alarm import Alarm
from corral_hub.tasks.asked import Asked, final, log_refusal, refuse, resolve
from corral_hub.tasks.decide import MAX_PLACEMENTS, decide, enqueue, place, settle_all
from corral_hub.tasks.guests import Guest, Guests
from corral_hub.tasks.ledger import Ledger
from corral_hub.tasks.load import READY, SLOTS, load, load_downs, load_holders, load_inputs, load_tasks
from corral_hub.tasks.moves import Desk
from corral_hub.tasks.needs import work_out
from corral_hub.tasks.requests import Rejected
from corral_hub.tasks.rows import read_task
from corral_hub.tasks.save import save

log = structlog.get_logger()
BATCH = 400
CONTENTION = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
LEAVE = (asyncio.CancelledError, KeyboardInterrupt, SystemExit)
TURN = 0.02
"""Seconds after which a batch that takes long lets sockets and requests have a turn."""
LOST = (*UNREACHABLE, asyncpg.OperatorInterventionError)
"""The connection is gone. Not InterfaceError: that is also what a value gets that the driver cannot encode."""


class Reactor:
    """Owns the hot connection, the ready queue and the slots. `effects` is called with each committed ledger."""

    def __init__(self, database: Database, fleet: Fleet, effects: Callable[[Ledger], None], *guests: Guest) -> None:
        self._database = database
        self._fleet = fleet
        self._effects = effects
        self._guests = Guests(guests)
        self._queue = ReadyQueue()
        self._inbox: list[Asked] = []
        self._arrived = asyncio.Event()
        self._alarm = Alarm(lambda: self.tell(cmd.Look()))
        self._connection: asyncpg.Connection | None = None
        self._stored_fleets: set[int] = set()
        self._cut: set[tuple[UUID, str]] = set()
        self._pump: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._connect()
        self._pump = asyncio.create_task(self._run(), name="reactor")

    async def stop(self) -> None:
        """Finish the batch in hand, refuse the rest, close."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        self._alarm.stop()
        refuse(self._inbox, Unavailable("hub_stopping", "the hub is going down", "try again in a moment"))
        if self._connection is not None:
            await self._connection.close()

    async def ask(self, command: cmd.Command) -> Any:
        """Return the answer once its effect is committed. Raises Refused."""
        return await self.submit(command)

    def submit(self, command: cmd.Command) -> asyncio.Future[Any]:
        """Queue a command; commands of one caller are decided in the order they were submitted."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._inbox.append(Asked(command, answer))
        self._arrived.set()
        return answer

    def tell(self, command: cmd.Command) -> None:
        """Queue a command whose answer nobody waits for; a refusal is logged."""
        self.submit(command).add_done_callback(log_refusal)

    # -- the pump ---------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            if self._hot.is_closed():  # noticed before anybody asked: what waits is decided once it is back
                await self._recover(ConnectionError("the connection was closed"))
            batch, self._inbox = self._inbox[:BATCH], self._inbox[BATCH:]
            if not self._inbox:
                self._arrived.clear()
            try:
                if admitted := [asked for asked in batch if self._admit(asked)]:
                    await self._take(admitted)
            except asyncio.CancelledError:
                refuse(batch, Unavailable("hub_stopping", "the hub is going down", "try again in a moment"))
                raise

    def _admit(self, asked: Asked) -> bool:
        """Whether the command may be decided: a spool that lost a message says nothing until it is opened again."""
        if isinstance(asked.command, cmd.OpenSpool):
            self._cut.discard((asked.command.server_id, asked.command.spool_id))
        elif isinstance(asked.command, cmd.Report) and (asked.command.server_id, asked.command.spool_id) in self._cut:
            refuse([asked], _unavailable())
            return False
        return True

    async def _take(self, batch: list[Asked], tries: int = 3) -> None:
        """Commit the batch; if that fails, each command by itself, so that only the culprit is refused."""
        try:
            await self._commit(batch)
            return
        except (*CONTENTION, *LOST) as error:
            failure: BaseException = error
        except LEAVE:
            raise
        except BaseException as error:  # a panic in a library written in Rust is no Exception; the pump must go on
            failure = error
            if not self._hot.is_closed():
                log.exception("batch_failed", commands=[type(asked.command).__name__ for asked in batch][:20])
        if await self._recover(failure):
            self._cut_off(batch)
        elif len(batch) > 1:
            for asked in batch:
                if self._admit(asked):
                    await self._take([asked])
        elif isinstance(failure, CONTENTION) and tries > 1:
            await self._take(batch, tries - 1)
        else:
            refuse(batch, failure)

    async def _recover(self, failure: BaseException) -> bool:
        """Set memory right after a failed commit. Return whether the connection was lost; it is back then."""
        if not isinstance(failure, LOST) and not self._hot.is_closed():
            try:
                await self._rebuild()
                return False
            except Exception as error:  # noqa: BLE001 - said below
                failure = error
        log.warning("database_lost", error=str(failure), hint="waiting until it is back")
        await self._connect()
        return True

    def _cut_off(self, batch: list[Asked]) -> None:
        """Refuse what was not committed, and whatever follows it in the same spool: no report may overtake another."""
        for command in (asked.command for asked in batch):
            if isinstance(command, cmd.Report | cmd.OpenSpool):
                self._cut.add((command.server_id, command.spool_id))
        refuse(batch, _unavailable())

    async def _commit(self, batch: list[Asked]) -> None:
        assert self._connection is not None
        ledger = Ledger(clock.now())
        needs = work_out(asked.command for asked in batch)
        dispatching = len(self._queue) or self._queue.next_wake() is not None
        if dispatching or any((needs.tasks, needs.keys, needs.spools, needs.servers)):
            async with self._connection.transaction():
                await load(self._connection, ledger, needs)
                answers = await self._work(batch, ledger, needs.downs)
        else:  # nothing to lock: the one statement that saves is its own transaction
            answers = await self._work(batch, ledger, set())
        self._stored_fleets |= {unit.fleet_id for unit in ledger.new_units.values() if unit.fleet_id is not None}
        self._tell_world(ledger)
        self._alarm.set(self._guests.next_wake())
        for asked, answer in zip(batch, answers, strict=True):
            resolve(asked.answer, final(ledger, answer))

    async def _work(self, batch: list[Asked], ledger: Ledger, downs: set[UUID]) -> list[Any]:
        desk = Desk(ledger, self._fleet, clock.new_id, self._guests.reports)
        answers: list[Any] = []
        counted: dict[UUID, int] = {}
        turn = clock.monotonic()
        for asked in batch:  # each decision sees what the ones before it did, as if it had a batch of its own
            answers.append(self._decide(desk, asked.command))
            if ledger.ended:
                await self._settle(desk, downs)
            self._follow(ledger.slots, counted)
            if clock.monotonic() - turn > TURN:
                await asyncio.sleep(0)
                turn = clock.monotonic()
        await self._dispatch(desk)
        await load_inputs(self._hot, ledger)
        await self._save(ledger)
        return answers

    def _decide(self, desk: Desk, command: cmd.Command) -> Any:
        """Return the answer, or the refusal as a value; a refused command leaves nothing behind."""
        mark = desk.ledger.mark()
        try:
            if self._guests.has(command):
                return self._guests.decide(command, desk.ledger.now)
            return decide(desk, command)
        except Refused as refusal:
            if not isinstance(command, cmd.Report):  # a refused report is recorded, and counts as received
                desk.ledger.rewind(mark)
            return Rejected(refusal)

    async def _settle(self, desk: Desk, loaded: set[UUID]) -> None:
        while missing := settle_all(desk, loaded):
            await load_downs(self._hot, desk.ledger, missing)
            dependents = [edge.task_id for id in missing for edge in desk.ledger.downs.get(id, ())]
            await load_tasks(self._hot, desk.ledger, dependents)
            await load_holders(self._hot, desk.ledger)
            loaded |= missing

    async def _dispatch(self, desk: Desk) -> None:
        """Place ready work while there are slots; rows that are not in the ledger yet are loaded first."""
        for task in desk.ledger.touched():
            enqueue(self._queue, task, desk.ledger.now)
        self._queue.wake(desk.ledger.now)
        self._alarm.set(self._queue.next_wake())
        picks: list[tuple[UUID, Placement]] = []
        while len(picks) < MAX_PLACEMENTS and (pick := self._queue.pick(self._fleet)) is not None:
            self._fleet.take(pick[1].server.id)
            picks.append(pick)
        if not picks:
            return
        if missing := [id for id, _ in picks if id not in desk.ledger.tasks]:
            await load_tasks(self._hot, desk.ledger, missing)
        before = dict(desk.ledger.slots)
        place(desk, picks)
        self._give_back(picks, before, desk.ledger)
        if len(picks) == MAX_PLACEMENTS:
            self.tell(cmd.Look())

    def _give_back(self, picks: list[tuple[UUID, Placement]], before: dict[UUID, int], ledger: Ledger) -> None:
        """Slots were taken pick by pick so that each choice saw the ones before it; return those not used."""
        for server_id, taken in Counter(placement.server.id for _, placement in picks).items():
            used = ledger.slots.get(server_id, 0) - before.get(server_id, 0)
            for _ in range(taken - used):
                self._fleet.release(server_id)

    def _follow(self, slots: Mapping[UUID, int], counted: dict[UUID, int]) -> None:
        """Take and release in the fleet what the ledger counted since the last call."""
        for server_id, change in slots.items() - counted.items():
            more = change - counted.get(server_id, 0)
            counted[server_id] = change
            for _ in range(abs(more)):
                (self._fleet.take if more > 0 else self._fleet.release)(server_id)

    async def _save(self, ledger: Ledger) -> None:
        used = {unit.fleet_id for unit in ledger.new_units.values() if unit.fleet_id is not None} - self._stored_fleets
        fleets = {id: self._fleet.members(id) for id in used}
        await save(self._hot, ledger, fleets, self._guests.conclude(ledger.now))

    def _tell_world(self, ledger: Ledger) -> None:
        """The commit stands whatever happens here: what was not sent is repaired when its daemon reconciles."""
        try:
            self._effects(ledger)
            self._guests.tell()
        except Exception:
            log.exception("effects_failed")

    # -- the connection and what is rebuilt from it -----------------------------

    @property
    def _hot(self) -> asyncpg.Connection:
        assert self._connection is not None
        return self._connection

    async def _connect(self) -> None:
        """Open the hot connection, waiting for the database if need be, and rebuild what memory holds."""
        if self._connection is not None:
            self._connection.terminate()
        while True:
            try:
                await self._database.wait()
                self._connection = await self._database.connect_raw()
                self._connection.add_termination_listener(lambda _: self._arrived.set())
                await self._rebuild()
                return
            except Exception:  # whatever it is: when the pump ends, nobody is answered any more
                log.exception("database_unreachable")
                await asyncio.sleep(0.1)

    async def _rebuild(self) -> None:
        """Memory is a cache: read the ready tasks and the slots in use again."""
        self._queue.clear()
        self._stored_fleets.clear()
        self._fleet.set_used({row["server_id"]: row["used"] for row in await self._hot.fetch(SLOTS)})
        now = clock.now()
        for row in await self._hot.fetch(READY):
            enqueue(self._queue, read_task(row), now)
        await self._guests.rebuild(self._hot)
        self._alarm.set(self._queue.next_wake())
        self._alarm.set(self._guests.next_wake())


def _unavailable() -> Unavailable:
    return Unavailable("database_unavailable", "the database does not answer", "nothing was changed; try again")
