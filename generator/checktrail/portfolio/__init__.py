"""Many records to one site, each made apart from the others.

In the order the data walks:

    listing    a list of repositories to where each is and what it is called
    reading    one place to what a portfolio needs of it, or why there is nothing
    foreign    documents that were exported elsewhere, bounded and held against their schemas
    processes  every place read in a process of its own
    cluster    the same on the machines of a Dask cluster
    gathering  a list to one document, checktrail.portfolio/1
    summary    the document to values that add up                              pure
    views      Portfolio to one frozen view model per page                     pure
    pages      view models to pages, through the site's templates
    source     a document to its source tree, as the plugin hands it over
    building   a list's document to a finished site
    tables     a document to tables                                            pure
    exporting  a document and its tables to files
"""
