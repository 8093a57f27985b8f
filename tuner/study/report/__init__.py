"""A report on a study in one HTML file: what it found, how good that is, why, and what to try next.

`facts` reads the rows; each section is made by pure functions over them; `pictures` draws the figures; `page` puts all
into the template.
"""

from tuner.study.report.page import report_html, write_report

__all__ = ["report_html", "write_report"]
