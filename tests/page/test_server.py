"""How the page is served: where it listens, who may open it, what is said on the terminal. A browser opens it in ``tests/browser``."""

from __future__ import annotations

import os
import queue
import socket
import sys

import pytest

from openfisca_jining.cli import main
from openfisca_jining.page import server
from openfisca_jining.page.server import BusyPort, PageServer, check_port, configuration, font, is_loopback


@pytest.fixture
def started(monkeypatch):
    """What a server would have been started with; none is."""
    found = {}

    def start(cls, arguments, config):
        found.update(arguments=arguments, config=config, browser=cls.wanted_browser)

    for name in ("PYTHONUTF8", "JUPYTER_PATH"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.setattr(PageServer, "launch_instance", classmethod(start))
    monkeypatch.setattr(PageServer, "wanted_browser", True)
    return found


@pytest.mark.parametrize(
    ("ip", "only_here"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.1", False), ("机器", False)],
)
def test_beyond_this_machine_visitors_need_a_token(ip, only_here):
    assert is_loopback(ip) is only_here
    assert ("auto_token" in configuration(ip, 8866).Voila) is not only_here


def test_the_command_serves_the_notebook_on_the_port_asked_for(started):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert main(["page", "--port", str(port), "--no-browser"]) == 0
    assert started["arguments"] == [str(server.NOTEBOOK)] and started["browser"] is False
    assert (started["config"].Voila.ip, started["config"].Voila.port) == ("127.0.0.1", port)
    assert os.environ["JUPYTER_PATH"].startswith(str(server.TEMPLATES)) and os.environ["PYTHONUTF8"] == "1"


def test_a_port_that_is_taken_and_an_address_that_is_none_are_said(started, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert main(["page", "--port", str(other.getsockname()[1])]) == 1
    assert "可能另一个页面还开着；请关掉它，或用 --port 换一个端口" in capsys.readouterr().err
    for ip, port in (("203.0.113.1", 8866), ("127.0.0.1", 70_000), ("fe80::1:2:3:4", 8866)):
        with pytest.raises(BusyPort, match="不能在"):
            check_port(ip, port)
    assert not started


def test_where_the_page_is_goes_to_the_terminal_and_to_the_browser(monkeypatch, capsys):
    opened: queue.Queue = queue.Queue()
    monkeypatch.setattr("webbrowser.open", opened.put)
    monkeypatch.setattr(PageServer, "display_url", "http://x:8899/")
    here = PageServer(ip="127.0.0.1")
    here.wanted_browser = False
    here.launch_browser()
    assert capsys.readouterr().out == "测算页面：http://x:8899/\n按 Ctrl+C 结束。\n" and opened.empty()
    PageServer(ip="0.0.0.0").launch_browser()
    assert opened.get(timeout=30) == "http://x:8899/"
    assert "其他机器也能打开：凭上面网址里的 token；传输没有加密。" in capsys.readouterr().out


def test_the_font_is_there():
    assert font().is_file()


def test_without_the_packages_of_the_page_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "openfisca_jining.page.server")
    monkeypatch.setitem(sys.modules, "voila.app", None)
    assert main(["page"]) == 1
    assert (
        capsys.readouterr().err == '网页需要 voila.app，没有安装。请运行：pip install "openfisca-jining[notebooks]"\n'
    )
