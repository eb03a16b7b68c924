"""The budget-estimate memo (测算报告): one content (:func:`memo`), written as .docx and as one self-contained .html page."""

from openfisca_jining.report.memo.content import memo, memo_json
from openfisca_jining.report.memo.page import html, write_html
from openfisca_jining.report.memo.word import docx, write_docx

__all__ = ["docx", "html", "memo", "memo_json", "write_docx", "write_html"]
