"""A link to a server that can be cut, slowed and blackholed, as networks do: a port of this machine."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

Ends: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]
CHUNK = 65_536
PATIENCE_S = 10.0


def to_port(port: int) -> Callable[[], Awaitable[Ends]]:
    """Leads to a TCP server of this machine."""
    return lambda: asyncio.open_connection("127.0.0.1", port)


def to_socket(path: str) -> Callable[[], Awaitable[Ends]]:
    """Leads to a server at a Unix socket."""
    return lambda: asyncio.open_unix_connection(path)


class Link:
    """Passes on whatever comes to ``port``, ``delay_s`` later, until something happens to it."""

    def __init__(self, there: Callable[[], Awaitable[Ends]]) -> None:
        self.delay_s = 0.0
        self._there = there
        self._is_cut = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        serving = asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(PATIENCE_S)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Every connection breaks, and no new one comes about."""
        self._do(self._break)

    def blackhole(self) -> None:
        """Connections stay, and nothing comes through any more."""
        self._do(self._flows.clear)

    def mend(self) -> None:
        """As before; what was held back arrives."""
        self._do(self._restore)

    def close(self) -> None:
        self._do(self._server.close)
        self._do(self._break)
        self._do(self._flows.set)
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def _do(self, act: Callable[[], object]) -> None:
        async def acted() -> None:
            act()

        asyncio.run_coroutine_threadsafe(acted(), self._loop).result(PATIENCE_S)

    def _break(self) -> None:
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def _restore(self) -> None:
        self._is_cut = False
        self._flows.set()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            if not self._is_cut:
                far_reader, far_writer = await self._there()
                self._writers.add(far_writer)
                await asyncio.gather(self._pipe(reader, far_writer), self._pipe(far_reader, writer))
        writer.transport.abort()

    async def _pipe(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK):
                await asyncio.sleep(self.delay_s)
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        sink.close()

    async def _end(self) -> None:
        """Wait for everything that still passes."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
