"""Git objects to commits, tags and text; the only module that runs git.

In: a folder. Out: `Commit`, `Tag`, `Blob` values and streams of object contents, each from one git process however many
are asked for. Reads only: no checkout, no lock, no fetch, no write. Neither the user's nor the system's git
configuration is read, and what of the repository's own could change output is switched off, so that the same
repository gives the same answer everywhere.

    process      how git is run
    wire         what it prints, to values
    form         whether an object has the form that git gives it
    repository   what can be asked of a repository
"""

from checktrail.git.repository import MARKDOWN_SUFFIXES, Head, RawObject, Reference, Repository
from checktrail.git.wire import FileChange

__all__ = ["MARKDOWN_SUFFIXES", "FileChange", "Head", "RawObject", "Reference", "Repository"]
