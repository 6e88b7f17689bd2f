"""Figures in, inline SVG out. Pure.

A chart function takes plain figures and gives a `Picture`: the drawing, and a table that says the same in words.
No script, no font, no colour of its own: the site's style sheet gives every class its colour in light, dark and print.

    drawing    elements, scales, the `Picture` and its `Table`; the HTML around a picture
    bars       completion bars, horizontal bars, histograms
    lines      lines and steps over time (burn-up, lead times)
    grids      heat maps and matrices of states
    badges     two words side by side, for pages that are not ours
    timelines  one release from first tick to last follow-up; all releases on one axis
"""

from __future__ import annotations

from checktrail.charts.badges import badge
from checktrail.charts.bars import Bar, Bin, Share, bars, completion_bar, histogram
from checktrail.charts.drawing import Picture, Table, figure
from checktrail.charts.grids import Cell, Count, heat_map, matrix, named_heat_map
from checktrail.charts.lines import Point, Series, lines
from checktrail.charts.timelines import Lane, Mark, ReleaseMark, release_timeline, releases_timeline

__all__ = [
    "Bar",
    "Bin",
    "Cell",
    "Count",
    "Lane",
    "Mark",
    "Picture",
    "Point",
    "ReleaseMark",
    "Series",
    "Share",
    "Table",
    "badge",
    "bars",
    "completion_bar",
    "figure",
    "heat_map",
    "histogram",
    "lines",
    "matrix",
    "named_heat_map",
    "release_timeline",
    "releases_timeline",
]
