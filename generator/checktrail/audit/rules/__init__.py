"""The rules of the audit: a rule is a small generator function, grouped by family. Pure.

evidence_rules.py   EVxxx  whether the evidence is whole
release_rules.py    RLxxx  the tag itself, and what its tree holds
signoff_rules.py    SOxxx  what was signed off, and what became of it
checklist_rules.py         the SOxxx about a checklist that moved, went or lost open items
identity_rules.py   IDxxx  who signed, with whose key, in which roles
time_rules.py       TMxxx  claimed times that cannot be true
registry.py                all of them, in the order of their codes
"""
