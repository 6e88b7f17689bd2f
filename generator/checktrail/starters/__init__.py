"""New checklists and set-up files from templates.

fill     a template's text → a checklist for one release        pure
next     what a repository holds → where the next one goes      pure
setup    a repository → the files that `init` would make        pure
shipped  the templates that come with the product
"""
