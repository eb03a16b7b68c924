"""Command ``page``."""

from __future__ import annotations

from openfisca_jining.commands.grammar import integer


def add(commands) -> None:
    """Its grammar."""
    page = commands.add_parser("page", help="在浏览器里移动滑块看结果的网页（只在本机）")
    page.add_argument("--port", type=integer(65_535), default=8866, help="端口（缺省：8866）")
    page.add_argument("--ip", default="127.0.0.1", help="监听的地址（缺省：127.0.0.1，只有本机能打开）")
    page.add_argument("--no-browser", action="store_true", help="不自动打开浏览器")
    page.set_defaults(run=run_page)


def run_page(options) -> int:
    """Serve the page until interrupted."""
    import sys

    try:
        from openfisca_jining.page.server import serve
    except ModuleNotFoundError as error:
        print(f'网页需要 {error.name}，没有安装。请运行：pip install "openfisca-jining[notebooks]"', file=sys.stderr)
        return 1
    return serve(options.ip, options.port, not options.no_browser)
