"""Checklist → findings and fixes; a rule is a function. Pure.

page          what a rule is given, and what it yields
blocks        the lines of a text by what Markdown makes of them
shapes        every line that looks like a box and is none, or not quite
boxes         CL1xx   the box itself
layout        CL112…  what MkDocs would show differently
items         CL2xx   items and headings among themselves
tables        CL3xx   the completion table
placeholders  CL4xx   holes, dates, versions, reasons, evidence
signoffs      CL5xx   sign-off sections and claims
changes       CL6xx   what a change does to the boxes
encoding      CL7xx   the characters themselves
suppression   CL0xx   remarks that somebody has answered with a reason
rules         the registry
selection     which rules speak, where, and how loud
driver        page → findings; fixes laid on, never raising the ticked count
"""

from typing import Final

RULES_VERSION: Final = "15"
"""Changes whenever the same file would get other findings, so that nothing remembered outlives its rules."""
