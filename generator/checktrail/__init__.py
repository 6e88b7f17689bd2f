"""checktrail: release checklists in git, turned into a published site and an audit-proof record.

The map, one line per module, in the order the data walks:

    errors        what stops a run: slug, sentence, way out
    model         the nouns, all frozen
    config        every setting and its default, once
    git           git objects to commits, tags, text; alone runs git
    worktree      the files as they stand in a folder, in or out of a repository
    writing       files written whole or not at all
    parse         text to Checklist                                            pure
    completion    Checklist to counts that add up                              pure
    charts        figures to inline SVG                                        pure
    signatures    raw objects and trust files to verifications
    store         what is remembered between runs
    garbage       Python's garbage collection, put off
    reading       bytes to checklists, each content parsed once in its life
    identity      two revisions to which item is which                         pure
    history       revisions to events; states at every commit that is asked    pure
    releases      tags and graph to releases, exact                            pure
    releasing     a repository to its releases, without what people wrote
    binding       which checklist belongs to which release                     pure
    closing       when each release's checklists close                        pure
    notes         release to notes                                             pure
    metrics       releases and events to figures with a grade                  pure
    diff          two revisions to changes                                     pure
    lint          checklist to findings and fixes; a rule is a function        pure
    audit         release to sign-offs and findings; a rule is a function      pure
    comparing     two commits, or a commit and the files, to what differs
    record        read_record(): the whole way in; start reading here
    noting        the record's way to its notes
    measuring     the record's way to its metrics
    inquiry       the record's way to its audit
    site          Record to a source tree of pages
    exports       Record to JSON and other forms
    summaries     files to what `status` tells of them, remembered
    edit          one box, one table: the few that write into a checkout
    starters      new checklists and set-up files from templates
    ledger        the tags seen, as a hash chain
    demo          a scripted repository
    portfolio     many records to one site
    blocks        the Markdown extension that puts pre-rendered blocks into a page
    binder        frames to finished pages: what MkDocs need not make again
    cli           commands; alone prints and chooses exit codes
    plugin        MkDocs: hands the source tree's pages over
"""

__version__ = "0.1.0"
