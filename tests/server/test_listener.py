"""An address belongs to one server, and to all of its workers."""

import socket
import sys

import pytest

from server.listener import Listener, beside, bind
from tests.serving import free_port


def for_a_worker(listener: socket.socket) -> socket.socket:
    """What a worker gets when the listener is handed to it."""
    assert isinstance(listener, Listener)
    make, values = listener.__reduce__()
    made: socket.socket = make(*values)
    return made


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_workers_listen_side_by_side_and_other_servers_are_refused(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    with bind(host, port) as ours:
        with pytest.raises(SystemExit) as refused:
            bind(host, port)
        assert refused.value.code == 3
        assert capsys.readouterr().err == f"lockstep: cannot serve on {host}:{port}: Address already in use\n"
        with for_a_worker(ours) as one, for_a_worker(ours) as two:
            one.listen()
            two.listen()
            with pytest.raises(SystemExit):
                bind(host, port)
    with bind(host, port):
        pass


def test_connections_that_linger_do_not_keep_a_server_away() -> None:
    port = free_port()
    with bind("127.0.0.1", port) as ours, for_a_worker(ours) as worker:
        worker.listen()
        with socket.create_connection(("127.0.0.1", port)):
            worker.accept()[0].close()
    with bind("127.0.0.1", port) as ours, for_a_worker(ours) as worker:
        worker.listen()


def test_a_server_with_one_socket_is_no_neighbour() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        beside(other.family, other.getsockname())


def test_elsewhere_the_workers_share_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with bind("127.0.0.1", 0) as ours:
        assert type(ours) is socket.socket and not isinstance(ours, Listener)
