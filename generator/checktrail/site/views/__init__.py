"""Record to one frozen view model per page. Pure.

A view holds everything its template puts out, ready to be written: links relative to its page, times in words, HTML
only where a renderer of ours made it. A template decides where things stand, never what they are.

    shared      what several pages show: tallies, links, rows, the site they are made for
    home        where every release in flight stands
    releases    the index of releases
    release     one release
    checklists  the index of checklists
    checklist   one checklist as it stands now
    text        a checklist's text in place
    trail       what happened to items, and how that stands to the tag
    notes       a release's notes
    ways        upgrades and back-ports
    metrics     figures, pictures, what each item is worth
    habits      when boxes are ticked, as a heat map
    audit       the audit of a release; findings as lines
    verdicts    all verdicts, the sign-off matrix, all findings, the rules
    made        how the pages were made
    foot        what stands at the end of every page
"""
