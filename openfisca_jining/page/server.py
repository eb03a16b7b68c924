"""Serves the page with Voilà: a kernel per visitor, on this machine only unless told otherwise, nothing fetched from outside."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
import webbrowser
from importlib import resources
from pathlib import Path

from traitlets.config import Config
from voila.app import Voila

from openfisca_jining.errors import JiningError
from openfisca_jining.page.claims import MOST_BYTES

FOLDER = Path(__file__).parent
NOTEBOOK, TEMPLATES = FOLDER / "page.ipynb", FOLDER / "templates"
LOOPBACK, PORT = "127.0.0.1", 8866
#: Seconds without a move after which a visitor's kernel ends, and between looks.
IDLE, LOOK = 3600, 60
#: A message of the browser holds an upload and little else.
MOST_MESSAGE = MOST_BYTES + 2**20


class BusyPort(JiningError):
    """The port cannot be used."""


class PageServer(Voila):
    """Voilà with the fonts of zhplot among its static files, and Chinese words on the terminal."""

    wanted_browser = True

    def setup_template_dirs(self) -> None:
        """The page's template and, among the static files, the folder of the font."""
        super().setup_template_dirs()
        self.static_paths.append(str(font().parent))

    def launch_browser(self) -> None:
        """Say where the page is, and open it."""
        others = "" if is_loopback(self.ip) else "其他机器也能打开：凭上面网址里的 token；传输没有加密。\n"
        print(f"测算页面：{self.display_url}\n{others}按 Ctrl+C 结束。", flush=True)
        if self.wanted_browser:
            threading.Thread(target=webbrowser.open, args=(self.display_url,), daemon=True).start()


def font() -> Path:
    """The file of Noto Sans SC that the package zhplot carries."""
    return next(Path(str(path)) for path in resources.files("zhplot").rglob("NotoSansSC-Regular.ttf"))  # type: ignore[attr-defined]


def configuration(ip: str, port: int, idle: int = IDLE) -> Config:
    """Settings of the server. :param ip: address to listen on; beyond this machine, visitors need the token printed."""
    config = Config()
    config.Voila.ip, config.Voila.port, config.Voila.port_retries = ip, port, 0
    config.Voila.open_browser, config.Voila.log_level = True, "ERROR"
    config.Voila.config_file_paths = []
    # 关闭页面时浏览器用一次 POST 结束自己的内核；Voilà 不发 _xsrf cookie，核对就会拒绝。内核编号猜不到，别的网站也就关不了
    config.Voila.tornado_settings = {"websocket_max_message_size": MOST_MESSAGE, "disable_check_xsrf": True}
    if not is_loopback(ip):
        config.Voila.auto_token = True
    config.VoilaConfiguration.template = "jining"
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.resources = {"most_bytes": MOST_BYTES}
    config.VoilaConfiguration.file_allowlist = []
    config.VoilaExecutor.cell_error_instruction = "页面没有打开，请刷新再试。"
    config.HTMLExporter.language_code = "zh"
    config.MappingKernelManager.cull_idle_timeout = idle
    config.MappingKernelManager.cull_interval = min(LOOK, idle)
    config.MappingKernelManager.cull_connected = True
    config.ZMQChannelsWebsocketConnection.limit_rate = False  # 导出的文件是一条大消息
    config.KernelSpecManager.kernel_dirs = []  # 不用登记的内核，就用运行服务的这个 Python
    return config


def is_loopback(ip: str) -> bool:
    """Whether an address reaches this machine only."""
    try:
        return ip == "localhost" or ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False


def serve(ip: str = LOOPBACK, port: int = PORT, browser: bool = True, idle: int = IDLE) -> int:
    """Serve until interrupted. :returns: exit status. :raises BusyPort: the port or address cannot be used."""
    check_port(ip, port)
    os.environ["PYTHONUTF8"] = "1"
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(TEMPLATES), os.environ.get("JUPYTER_PATH")]))
    PageServer.wanted_browser = browser
    PageServer.launch_instance([str(NOTEBOOK)], config=configuration(ip, port, idle))
    return 0


def check_port(ip: str, port: int) -> None:
    """See whether a port is free. :raises BusyPort: it is not, or there is no such address."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, port))
        except (OSError, OverflowError) as error:
            raise BusyPort(
                [str(port)],
                f"不能在 {ip} 的端口 {port} 上提供页面（{getattr(error, 'strerror', None) or error}）。"
                "可能另一个页面还开着；请关掉它，或用 --port 换一个端口，如 --port 8899。",
            ) from None
