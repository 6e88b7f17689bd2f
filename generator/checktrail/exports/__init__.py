"""The record in machine-readable forms: spelled-out JSON documents, feeds, badges, tables, bundles."""
