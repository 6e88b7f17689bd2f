"""The demo team's sign-off policy, before and after they vouched for signing keys. Pure."""

from __future__ import annotations

from checktrail.demo.keys import fingerprint, public_key

_HEAD = """\
# Who signs what before a release of Tidepool goes out.
version: 1
effective_from: 2025-02-20

releases:
  tags: ["v*"]
  exclude_tags: ["*-rc.*"]
  checklists: ["checklists/v*.md"]

people:
  ben: {name: Ben Okafor, emails: [ben@tidepool.example, ben.okafor@home.example]}
"""

_PEOPLE = """\
  dana: {name: Dana Reyes, emails: [dana@tidepool.example]}
  mei: {name: Mei Chen, emails: [mei@tidepool.example]}
  priya: {name: Priya Nair, emails: [priya@tidepool.example]}
  ravi: {name: Ravi Kumar, emails: [ravi@tidepool.example]}
  tomas: {name: Tomas Lind, emails: [tomas@tidepool.example]}
  bot: {name: tidepool-bot, emails: [bot@tidepool.example], bot: true}
"""

_PEOPLE_WITH_KEYS = f"""\
  dana:
    name: Dana Reyes
    emails: [dana@tidepool.example]
    keys: [{{type: ssh, fingerprint: "{fingerprint("dana@tidepool.example")}", valid_from: 2025-07-01}}]
  mei: {{name: Mei Chen, emails: [mei@tidepool.example]}}
  priya: {{name: Priya Nair, emails: [priya@tidepool.example]}}
  ravi: {{name: Ravi Kumar, emails: [ravi@tidepool.example]}}
  tomas:
    name: Tomas Lind
    emails: [tomas@tidepool.example]
    keys: [{{type: ssh, fingerprint: "{fingerprint("tomas@tidepool.example")}", valid_from: 2025-07-01}}]
  bot: {{name: tidepool-bot, emails: [bot@tidepool.example], bot: true}}
"""

_ROLES = """\

roles:
  development-lead: {title: Development lead, members: [{person: ben}]}
  qa-lead: {title: QA lead, members: [{person: dana}]}
  security-lead: {title: Security lead, members: [{person: priya}]}
  product-owner: {title: Product owner, members: [{person: mei}]}
  release-manager: {title: Release manager, members: [{person: tomas}, {person: ravi, deputy: true}]}
"""

_BY_ITEM = """\

requirements:
  - {id: qa, match: {text: QA lead sign-off}, meaning: review, role: qa-lead, when: before-tag}
  - {id: security, match: {text: Security lead sign-off}, meaning: review, role: security-lead, when: before-tag}
  - {id: release, match: {text: Release manager sign-off}, meaning: approval, role: release-manager, when: before-tag}
"""

_BY_ROLE = """\

requirements:
  - {id: qa, match: {section: QA lead}, meaning: review, role: qa-lead, when: before-tag, signed: preferred}
  - {id: security, match: {section: Security lead}, meaning: review, role: security-lead, when: before-tag}
  - {id: product, match: {section: Product owner}, meaning: approval, role: product-owner, when: before-tag}
  - {id: release, match: {section: Release manager}, meaning: approval, role: release-manager, when: before-tag}
"""

_SEPARATION = """\

separation:
  - {id: two-pairs-of-eyes, rule: distinct-people, requirements: [qa, release]}
"""

_SIGNATURES = """\

signatures:
  allowed_signers: security/allowed_signers
"""

# Granted after the releases in question, which the audit says.
_WAIVERS = """\

waivers:
  - code: SO201
    release: v1.1.1
    subject: security
    reason: The hotfix touched nothing that anybody outside can reach
    approved_by: priya
  - code: ID309
    release: v2.0.0
    subject: product
    reason: Mei agreed in the call of the 17th; Priya pressed the button for both
    approved_by: tomas
"""

POLICY = _HEAD + _PEOPLE + _ROLES + _BY_ITEM + _SEPARATION
POLICY_WITH_KEYS = _HEAD + _PEOPLE_WITH_KEYS + _ROLES + _BY_ROLE + _SEPARATION + _SIGNATURES
POLICY_WITH_WAIVERS = POLICY_WITH_KEYS + _WAIVERS

ALLOWED_SIGNERS = "".join(
    f'{email} valid-after="20250701000000Z" {public_key(email)}\n'
    for email in ("dana@tidepool.example", "tomas@tidepool.example")
)
