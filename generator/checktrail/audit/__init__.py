"""Release → sign-offs, findings and a verdict: who took responsibility for what, and is it true. Pure.

In the order the audit walks:

    policy.py        what a repository asks of its releases
    nodes.py         a YAML document, walked strictly
    reading.py       a policy file → Policy
    chain.py         the ledger's lines
    evidence.py      everything the audit is given
    lookalikes.py    lines that a reader takes for a box and that are none
    people.py        who is who
    signing.py       what a signature is worth at a release's time
    stamps.py        when a tick was there, by a platform's clock
    roles.py         which office a sign-off's words name
    acts.py          what happened to one sign-off item
    signoffs.py      acts → sign-off records
    requirements.py  whether each requirement holds, and why
    case.py          one release under audit, and what a rule says of it
    rules/           the rules, by family
    witness.py       what git shows, contradicts or cannot tell
    verdict.py       findings, waivers, verdicts
    auditing.py      all of it, in three steps: start reading here
"""
