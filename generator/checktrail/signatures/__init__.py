"""Who signed a git object, by its own bytes: a door beside git.

    verification.py   what came of it: the values the audit reads                    pure
    armor.py          raw object → what was signed, and by which kind of signature   pure
    wire.py           the length-prefixed fields that SSH keys and signatures share   pure
    ssh.py            an SSH signature, checked in process                           pure
    trust.py          allowed signers and revoked keys, as OpenSSH writes them       pure
    openpgp.py        what an OpenPGP signature says of itself; gpg checks it
    check.py          objects → verifications, one each

Only `openpgp.py` starts a process. What a signature proves and whom we trust are kept apart: a verification says
which key signed these bytes and which lines vouch for that key; whether they do so at a release's time is judged later.
"""
