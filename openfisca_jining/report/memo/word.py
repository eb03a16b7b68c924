"""A memo as a Word document, set as an office paper: A4, margins of GB/T 9704-2012, fonts by the names that Windows has."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from docx import Document
from docx.enum.section import WD_SECTION_START
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from openfisca_jining.report.memo.parts import Heading, Memo, Paragraph, Picture, Table
from openfisca_jining.whole import write_whole

#: Millimetres: the page, its margins (top, right, bottom, left) and what they leave for text.
PAGE, MARGINS, TEXT_WIDTH = (210, 297), (37, 26, 35, 28), 156
LATIN = "Times New Roman"
#: Style -> Chinese font, points, bold, alignment, first line indented by two characters, points before and after.
STYLES = {
    "Normal": ("仿宋_GB2312", 16, False, WD_ALIGN_PARAGRAPH.JUSTIFY, True, 0, 0),
    "Title": ("方正小标宋简体", 22, False, WD_ALIGN_PARAGRAPH.CENTER, False, 0, 10),
    "Subtitle": ("楷体_GB2312", 16, False, WD_ALIGN_PARAGRAPH.CENTER, False, 0, 6),
    "Heading 1": ("黑体", 16, False, WD_ALIGN_PARAGRAPH.LEFT, True, 6, 0),
    "Heading 2": ("楷体_GB2312", 16, False, WD_ALIGN_PARAGRAPH.LEFT, True, 0, 0),
    "Heading 3": ("仿宋_GB2312", 16, True, WD_ALIGN_PARAGRAPH.LEFT, True, 0, 0),
    "Caption": ("黑体", 12, False, WD_ALIGN_PARAGRAPH.CENTER, False, 8, 4),
    "Header": ("宋体", 9, False, WD_ALIGN_PARAGRAPH.CENTER, False, 0, 0),
    "Footer": ("宋体", 14, False, WD_ALIGN_PARAGRAPH.CENTER, False, 0, 0),
    "No Spacing": ("宋体", 10.5, False, WD_ALIGN_PARAGRAPH.LEFT, False, 1, 1),
    "Body Text": ("宋体", 10.5, False, WD_ALIGN_PARAGRAPH.LEFT, False, 2, 10),
}
CELL, NOTE = "No Spacing", "Body Text"
#: Exact line height of running text, points.
LINE = 28
#: Twentieths of a point between the text and the edge of a cell.
CELL_EDGE = 68
#: The paragraph that must follow a table: exact height, its points, before, after.
GAP = (WD_LINE_SPACING.EXACTLY, Pt(6), Pt(0), Pt(0))
#: Zip members carry no time: the same memo gives the same bytes.
NO_TIME = (1980, 1, 1, 0, 0, 0)


def docx(memo: Memo) -> bytes:
    """The document. Same memo, same bytes. Its properties name no author: the user's to fill in."""
    document = Document()
    _set_styles(document)
    _set_page(document, memo)
    _set_properties(document, memo)
    _say(document.add_paragraph(style="Title"), memo.title)
    for line in memo.subtitle:
        _say(document.add_paragraph(style="Subtitle"), line)
    for block in memo.blocks:
        if isinstance(block, Heading):
            _say(document.add_paragraph(style=f"Heading {block.level}"), block.text)
        elif isinstance(block, Paragraph):
            _say(document.add_paragraph(style=NOTE if block.note else "Normal"), block.text)
        elif isinstance(block, Picture):
            _add_picture(document, block)
        else:
            _add_table(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_times(buffer.getvalue())


def write_docx(memo: Memo, path: Path) -> Path:
    """Write the document, whole or not at all. :returns: the path."""
    return write_whole(path, docx(memo))


# ----- the sheet -----


def _set_styles(document) -> None:
    defaults = document.styles.element.find(qn("w:docDefaults"))
    _fonts(defaults.find(qn("w:rPrDefault")).find(qn("w:rPr")), "仿宋_GB2312")
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    for name, (font, points, bold, align, indent, before, after) in STYLES.items():
        style = document.styles[name]
        style.font.size, style.font.bold, style.font.italic = Pt(points), bold, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        properties = style.element.get_or_add_rPr()
        _fonts(properties, font)
        for spacing in properties.findall(qn("w:spacing")) + properties.findall(qn("w:kern")):
            properties.remove(spacing)
        form = style.paragraph_format
        form.alignment, form.space_before, form.space_after = align, Pt(before), Pt(after)
        for border in style.element.get_or_add_pPr().findall(qn("w:pBdr")):
            style.element.pPr.remove(border)
        # 字符数优先于长度，且从「正文」继承，所以不缩进的样式也要写明 0
        form.first_line_indent = Pt(2 * points) if indent else Pt(0)
        style.element.pPr.find(qn("w:ind")).set(qn("w:firstLineChars"), "200" if indent else "0")
        exact = name in ("Normal", "Subtitle") or name.startswith("Heading")
        form.line_spacing_rule = WD_LINE_SPACING.EXACTLY if exact else WD_LINE_SPACING.SINGLE
        if exact:
            form.line_spacing = Pt(LINE)
        form.widow_control = True
        form.keep_with_next = name.startswith("Heading") or name == "Title"


def _fonts(properties, font: str) -> None:
    """Fonts by name in run properties, those of the theme taken away."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    for key, value in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", font), ("cs", LATIN)):
        fonts.set(qn(f"w:{key}"), value)


def _set_page(document, memo: Memo) -> None:
    section = document.sections[0]
    section.start_type = WD_SECTION_START.NEW_PAGE
    section.page_width, section.page_height = Mm(PAGE[0]), Mm(PAGE[1])
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = map(Mm, MARGINS)
    section.header_distance, section.footer_distance = Mm(24), Mm(25)
    header = section.header.paragraphs[0]
    _say(header, memo.running)
    border = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "4"), ("space", "4"), ("color", "808080")):
        line.set(qn(f"w:{key}"), value)
    border.append(line)
    header._p.get_or_add_pPr().insert_element_before(border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")
    footer = section.footer.paragraphs[0]
    footer.add_run("— ")
    for kind, text in (("begin", None), (None, "PAGE"), ("separate", None), (None, "1"), ("end", None)):
        run = footer.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        elif text == "PAGE":
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = " PAGE "
        else:
            run.text = text
            continue
        run._r.append(mark)
    footer.add_run(" —")


def _set_properties(document, memo: Memo) -> None:
    """Title and language; no author, no dates, no thumbnail of the template."""
    properties = document.core_properties
    properties.title, properties.language = memo.title, "zh-CN"
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    for element in list(properties._element):
        if element.tag in (qn("dcterms:created"), qn("dcterms:modified"), qn("cp:revision")):
            properties._element.remove(element)
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            del package.rels[key]
    settings = document.settings.element
    compatible = settings.find(qn("w:compat"))
    mode = OxmlElement("w:compatSetting")
    for key, value in (
        ("name", "compatibilityMode"),
        ("uri", "http://schemas.microsoft.com/office/word"),
        ("val", "15"),
    ):
        mode.set(qn(f"w:{key}"), value)
    if compatible is not None:
        for old in compatible.findall(qn("w:compatSetting")):
            compatible.remove(old)
        compatible.append(mode)


# ----- its parts -----


def _add_picture(document, block: Picture) -> None:
    holder = document.add_paragraph(style=CELL)
    holder.alignment = WD_ALIGN_PARAGRAPH.CENTER
    holder.paragraph_format.keep_with_next = True
    holder.paragraph_format.space_before = Pt(8)
    shape = holder.add_run().add_picture(io.BytesIO(block.png), width=Mm(TEXT_WIDTH))
    shape._inline.docPr.set("descr", block.alt)
    caption = document.add_paragraph(style="Caption")
    _say(caption, block.caption)
    caption.paragraph_format.space_after = Pt(10)


def _add_table(document, block: Table) -> None:
    caption = document.add_paragraph(style="Caption")
    _say(caption, block.caption)
    caption.paragraph_format.keep_with_next = True
    table = document.add_table(rows=1 + len(block.rows), cols=len(block.headings), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    edges = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(CELL_EDGE))
        edge.set(qn("w:type"), "dxa")
        edges.append(edge)
    table._tbl.tblPr.insert_element_before(edges, "w:tblLook", "w:tblCaption", "w:tblDescription")
    widths = [Mm(TEXT_WIDTH * width) for width in block.widths]
    for column, wide in zip(table.columns, widths, strict=True):
        column.width = wide
    lines = [block.headings, *block.rows]
    for number, (row, texts) in enumerate(zip(table.rows, lines, strict=True)):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        bold = number == 0 or (block.total and number == len(block.rows))
        # 短表不分页；长表的表头和合计不离开相邻的一行
        together = number < len(block.rows) and (block.short or number in (0, len(block.rows) - 1))
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = widths[place]
            _fill(cell, text, number == 0, place >= block.left, bold, together)
    gap = document.add_paragraph(style=CELL).paragraph_format
    gap.line_spacing_rule, gap.line_spacing, gap.space_before, gap.space_after = GAP


def _fill(cell, text: str, head: bool, figure: bool, bold: bool, together: bool) -> None:
    properties = cell._tc.get_or_add_tcPr()
    if head:
        shade = OxmlElement("w:shd")
        for key, value in (("val", "clear"), ("color", "auto"), ("fill", "EEF1F4")):
            shade.set(qn(f"w:{key}"), value)
        properties.append(shade)
    middle = OxmlElement("w:vAlign")
    middle.set(qn("w:val"), "center")
    properties.append(middle)
    paragraph = cell.paragraphs[0]
    paragraph.style = CELL
    paragraph.alignment = (
        WD_ALIGN_PARAGRAPH.CENTER if head else WD_ALIGN_PARAGRAPH.RIGHT if figure else WD_ALIGN_PARAGRAPH.LEFT
    )
    paragraph.paragraph_format.keep_with_next = together or None
    _say(paragraph, text).bold = bold or None


def _say(paragraph, text: str):
    """A run of text in which quotation marks and dashes, too, are set in the Chinese font. :returns: the run."""
    run = paragraph.add_run(text)
    fonts = OxmlElement("w:rFonts")
    fonts.set(qn("w:hint"), "eastAsia")
    run._r.get_or_add_rPr().insert(0, fonts)
    return run


def _without_times(data: bytes) -> bytes:
    """The same package with the time of every member set to :data:`NO_TIME`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, NO_TIME)
            member.compress_type, member.external_attr, member.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            new.writestr(member, old.read(name))
    return buffer.getvalue()
