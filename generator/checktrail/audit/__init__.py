"""Release → sign-offs, findings and a verdict: who took responsibility for what, and is it true. Pure.

In the order the audit walks:

    policy.py        what a repository asks of its releases
    nodes.py         a YAML document, walked strictly
    reading.py       a policy file → Policy
    evidence.py      everything the audit is given
"""
