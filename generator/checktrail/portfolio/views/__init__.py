"""Portfolio to one frozen view model per page. Pure.

atlas       the portfolio with where every page is, and what several pages show
home        where every repository stands
releases    the calendar of releases, and all of them by year
verdicts    the last verdicts of each repository
figures     metrics side by side
repository  one repository
made        where all of it came from
"""
