"""Record to a source tree of pages, and the tree to a site.

In the order the data walks:

    addresses  names of any kind to page names and relative links               pure
    hosts      a remote's address to links for commits, files, tags            pure
    markup     a checklist's text to HTML, in place, whatever the text          pure
    views      Record to one frozen view model per page                         pure
    audience   what a public site leaves out, whatever part of a page it came to   pure
    documents  the JSON beside the pages                                           pure
    digests    frozen values to digests                                         pure
    drafts     a page, and one that is yet to be made                              pure
    compiled   templates that were compiled, while the process lives
    shelf      what was made of frozen releases' drafts, kept between runs
    pages      view models to drafts, through the Jinja templates
    feeds      feeds, badges, a list of pages                                  pure
    source     a repository to its source tree: what both doors begin with
    tree       drafts to files: hashed blocks, Markdown, a manifest
    leaves     pages of the tree as they were written, told by stamps of their files
    putting    its files, each in one step
    searched   what the search is to find of a page                             pure
    engine     MkDocs, run in this process
    builders   ProperDocs and Zensical, each in a process of its own
    places     where a finished site goes, in one step
    inputs     everything that a site is made from, as one digest
    frames     what the theme puts around pages, kept between runs
    earlier    the site that stands, of which unchanged files are taken over
    standing   whether the site that would be made stands already
    build      the tree to a finished site, swapped in whole
"""
