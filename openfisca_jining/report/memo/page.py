"""A memo as one self-contained page that prints well: A4, running header, page numbers, its own Chinese font."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

from openfisca_jining.report.memo.font import woff
from openfisca_jining.report.memo.parts import Heading, Memo, Paragraph, Picture, Table
from openfisca_jining.whole import write_whole

SIGNS = "0123456789,.%+-— /"
STYLE = """
@font-face{font-family:"Memo";src:url(data:font/woff;base64,%(font)s) format("woff")}
@page{size:A4;margin:37mm 26mm 35mm 28mm;@top-center{content:%(running)s;font:9pt "SimSun","Memo",serif;color:#444;
border-bottom:.5pt solid #888;padding-bottom:2mm;vertical-align:bottom;margin-bottom:5mm}
@bottom-center{content:"— " counter(page) " —";font:12pt "SimSun","Memo",serif;vertical-align:top;padding-top:6mm}}
*{box-sizing:border-box}
html{background:#e9e9e6}
body{font-family:"FangSong_GB2312","FangSong","STFangsong","Memo",serif;font-size:12pt;line-height:1.75;color:#111;background:#fff;
max-width:210mm;margin:8mm auto;padding:20mm 26mm 20mm 28mm;box-shadow:0 1px 6px rgba(0,0,0,.25);overflow-wrap:anywhere}
h1,h2,h3,h4,caption,figcaption,th{font-weight:normal}
h1{font-family:"FZXiaoBiaoSong-B05S","方正小标宋简体","STZhongsong","Memo",serif;font-size:22pt;line-height:1.4;text-align:center;margin:0 0 3mm}
p.subtitle{font-family:"KaiTi_GB2312","KaiTi","STKaiti","Memo",serif;text-align:center;text-indent:0;margin:0 0 2mm}
h2,caption,figcaption{font-family:"SimHei","STHeiti","Memo",sans-serif}
h2{font-size:14pt;margin:6mm 0 1mm;text-indent:2em}
h3{font-family:"KaiTi_GB2312","KaiTi","STKaiti","Memo",serif;font-size:13pt;margin:3mm 0 1mm;text-indent:2em}
h4{font-size:12pt;margin:2mm 0 0;text-indent:2em;font-weight:bold}
p{margin:0 0 1mm;text-indent:2em}
p.note{font-size:9pt;text-indent:0;color:#444;margin:1mm 0 4mm;line-height:1.5}
table{border-collapse:collapse;table-layout:fixed;width:100%%;margin:3mm 0;font:9.5pt/1.4 "SimSun","Songti SC","Memo",serif;overflow-wrap:anywhere}
caption{font-size:10.5pt;padding-bottom:1.5mm;break-after:avoid}
thead{display:table-header-group;break-after:avoid}tr{break-inside:avoid}
table.short{break-inside:avoid}tbody tr:first-child,tbody tr:last-child{break-before:avoid}tbody tr:first-child{break-after:avoid}
th,td{border:.5pt solid #555;padding:1mm 1.5mm;text-align:left;vertical-align:middle}
th{background:#eef1f4;text-align:center;padding:1mm .5mm}
td.n{text-align:right;font-variant-numeric:tabular-nums}
tr.total td{font-weight:bold;border-top:1.2pt solid #111}
figure{margin:4mm 0;break-inside:avoid;text-align:center}figure img{width:100%%;height:auto}
figcaption{font-size:10.5pt;margin-top:1mm}
@media screen and (max-width:600px){body{padding:6mm 4mm;margin:0}div.wide{overflow-x:auto}table{min-width:150mm}}
@media print{html,body{background:#fff}body{margin:0;padding:0;max-width:none;box-shadow:none}h2,h3,h4{break-after:avoid}
p{orphans:2;widows:2}}
"""


def html(memo: Memo) -> bytes:
    """The page, UTF-8. Same memo, same bytes; nothing is fetched from outside."""
    font = base64.b64encode(woff(memo.text() + SIGNS)).decode()
    style = STYLE % {"font": font, "running": _quoted(memo.running)}
    subtitle = "".join(f'<p class="subtitle">{escape(line)}</p>' for line in memo.subtitle)
    page = [
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(memo.title)}</title><style>{style}</style></head><body>",
        f"<h1>{escape(memo.title)}</h1>{subtitle}",
        *(_block(block) for block in memo.blocks),
        "</body></html>\n",
    ]
    return "\n".join(page).encode("utf-8")


def write_html(memo: Memo, path: Path) -> Path:
    """Write the page, whole or not at all. :returns: the path."""
    return write_whole(path, html(memo))


def _block(block: Heading | Paragraph | Table | Picture) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level + 1}>{escape(block.text)}</h{block.level + 1}>"
    if isinstance(block, Paragraph):
        style = ' class="note"' if block.note else ""
        return f"<p{style}>{escape(block.text)}</p>"
    if isinstance(block, Picture):
        data = base64.b64encode(block.png).decode()
        picture = f'<img alt="{escape(block.alt)}" src="data:image/png;base64,{data}">'
        return f"<figure>{picture}<figcaption>{escape(block.caption)}</figcaption></figure>"
    return _table(block)


def _table(block: Table) -> str:
    columns = "".join(f'<col style="width:{100 * width:.2f}%">' for width in block.widths)
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in block.headings)
    rows = []
    for number, row in enumerate(block.rows, start=1):
        total = ' class="total"' if block.total and number == len(block.rows) else ""
        cells = (
            f"<td>{escape(cell)}</td>" if place < block.left else f'<td class="n">{escape(cell)}</td>'
            for place, cell in enumerate(row)
        )
        rows.append(f"<tr{total}>{''.join(cells)}</tr>")
    short = ' class="short"' if block.short else ""
    return (
        f'<div class="wide"><table{short}><caption>{escape(block.caption)}</caption><colgroup>{columns}</colgroup>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _quoted(text: str) -> str:
    """A text as a CSS string that cannot end its style element."""
    return '"' + "".join(f"\\{ord(char):06x}" if char in '"\\<>&' else char for char in text) + '"'
