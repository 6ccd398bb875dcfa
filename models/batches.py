"""Work that is asked for in one turn of the event loop, by whichever requests, done in one go."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import partial
from typing import Any, Protocol

from beanie import Document

from models import raw
from models.errors import Overloaded

# Batches on their way at once, of one batcher. While one is, the next one gathers: that makes it large when
# the server is busy, and costs nothing when it is idle. A second one goes beside a slow one only, after so
# many seconds: always two would be two smaller ones, and a round trip costs as much as ten requests read.
WINDOW = 2
SLOW = 0.003
# Items of one batch: enough to make the round trip cheap, few enough to keep the loop free.
BATCH = 500
# Entries, each of one request, that may wait behind the batches on their way; they leave within a second.
QUEUE = 10_000
# Seconds after which a batch is given up. How long a request waits is its own affair.
SECONDS = 10.0


class Entry(Protocol):
    """What one request asks for in one turn: at most BATCH items."""

    items: list[Any]
    # Whether more items may still be added: not once the batch is on its way.
    open: bool

    def receive(self, result: Any, error: BaseException | None) -> None:
        """Takes the result of the whole batch, or its error; called once, from the loop, and never raises."""


Work = Callable[[raw.Collection, list[Any]], Awaitable[Any]]


class Batcher:
    """Gathers entries and does them in batches on the collection of a kind of document."""

    def __init__(self, kind: type[Document], work: Work) -> None:
        self.kind = kind
        self.work = work
        # Items of one batch, where they are large; more only if one entry has more.
        self.most = BATCH
        self._queue: Queue | None = None

    @property
    def queue(self) -> "Queue":
        """Where entries wait for the database that the documents are tied to now."""
        collection, queue = raw.collection(self.kind), self._queue
        # A client belongs to one loop. Asking for the running one costs a system call up to Python 3.11.
        if queue is None or queue.collection is not collection or not queue.loop.is_running():
            queue = self._queue = Queue(collection, asyncio.get_running_loop(), self)
        return queue

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of all who ask."""
        return self.queue.loop

    def ask(self, entry: Entry) -> None:
        """Has the entry done by a batch that begins after this; raises Overloaded."""
        self.queue.add(entry)

    async def one(self, item: Any) -> Any:
        """The outcome of a single item, where the work returns an iterator of one outcome for each."""
        queue = self.queue
        entry = One(item, queue.loop.create_future())
        queue.add(entry)
        return await entry.future


class Queue:
    """The entries of one batcher, in one event loop and for one collection, oldest first."""

    def __init__(self, collection: raw.Collection, loop: asyncio.AbstractEventLoop, batcher: Batcher) -> None:
        self.collection = collection
        self.loop = loop
        self.batcher = batcher
        self.waiting: list[Entry] = []
        # Batches on their way, and the one that begins with the next turn of the loop.
        self.started = 0
        self.beginning = False
        self.began = 0.0
        self.is_timed = False
        # The batches on their way, which the loop itself holds only weakly, and when they are given up.
        self.tasks: dict[asyncio.Task[None], asyncio.TimerHandle] = {}

    def add(self, entry: Entry) -> None:
        """Puts an entry at the end; raises Overloaded when too many wait."""
        if len(self.waiting) >= QUEUE:
            raise Overloaded
        self.waiting.append(entry)
        if self.beginning or self.started >= WINDOW:
            return
        if not self.started or len(self.waiting) >= self.batcher.most:
            self._begin()
        elif not self.is_timed:
            self.is_timed = True
            self.loop.call_at(self.began + SLOW, self._beside, context=Context())

    def _beside(self) -> None:
        """Starts a batch beside one that is slow, where something waits."""
        self.is_timed = False
        if not self.waiting or self.beginning or self.started >= WINDOW:
            return
        if self.loop.time() >= self.began + SLOW:
            self._begin()
        else:
            self.is_timed = True
            self.loop.call_at(self.began + SLOW, self._beside, context=Context())

    def _begin(self) -> None:
        """Starts a batch: its task takes what waits when the loop comes to it, in the next turn."""
        self.beginning = True
        self.started += 1
        self.began = self.loop.time()
        # Identity, deadline and trace belong to the requests, so a batch knows none of them.
        context = Context()
        batch: list[Entry] = []
        task = self.loop.create_task(self._do(batch), context=context)
        self.tasks[task] = self.loop.call_later(SECONDS, task.cancel, context=context)
        task.add_done_callback(partial(self._ended, batch), context=context)

    async def _do(self, batch: list[Entry]) -> None:
        self.beginning = False
        batch += self._take()
        if self.waiting and self.started < WINDOW:
            self._begin()
        try:
            result = await self.batcher.work(self.collection, batch)
        except Exception as error:
            self._deliver(batch, None, error)
        else:
            self._deliver(batch, result, None)

    def _take(self) -> list[Entry]:
        """The oldest entries that fit into one batch; they are closed."""
        waiting, items, place = self.waiting, 0, 0
        for place, entry in enumerate(waiting):
            items += len(entry.items)
            if items > self.batcher.most and place:
                break
            entry.open = False
        else:
            self.waiting = []
            return waiting
        self.waiting = waiting[place:]
        return waiting[:place]

    def _deliver(self, batch: list[Entry], result: Any, error: BaseException | None) -> None:
        """Hands a finished batch to those who asked, still in its task: a turn of the loop takes time."""
        self.started -= 1
        if self.waiting and not self.beginning:
            self._begin()
        for entry in batch:
            entry.receive(result, error)
        batch.clear()

    def _ended(self, batch: list[Entry], task: asyncio.Task[None]) -> None:
        self.tasks.pop(task).cancel()
        if not task.cancelled() and task.exception() is None:
            return
        # Cancelled by its deadline, or with the whole loop; never by somebody who waits for it.
        if not batch:
            # It had not begun.
            self.beginning = False
        self._deliver(batch, None, TimeoutError("The store did not answer in time."))


def report(fault: Exception) -> None:
    """Tells the event loop of a fault in what one waiter does, which must not keep the others waiting."""
    about = {"message": "A request failed to take what it had asked for.", "exception": fault}
    asyncio.get_running_loop().call_exception_handler(about)


def own(error: BaseException) -> BaseException:
    """The same error for one more waiter: one instance for all would tie their tracebacks together."""
    again = type(error).__new__(type(error), *error.args)
    again.__dict__.update(error.__dict__)
    again.__cause__ = error
    return again


class One:
    """A single item, and the future of its outcome: the next one of an iterator that the work returns."""

    __slots__ = ("future", "items", "open")

    def __init__(self, item: Any, future: asyncio.Future[Any]) -> None:
        self.items = [item]
        self.open = True
        self.future = future

    def receive(self, result: Any, error: BaseException | None) -> None:
        """Takes the next outcome; who was cancelled leaves theirs unused."""
        outcome = own(error) if error else next(result)
        if self.future.done():
            return
        if isinstance(outcome, BaseException):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)
