"""The files that the demo's people write: a tide-table service with its code, checklists and notes. Pure."""

from __future__ import annotations

README = """\
# Tidepool

Tide tables for small harbours, as a service and as a Python package.

This repository is a demonstration: its people, dates and releases are made up.
"""

PYPROJECT = """\
[project]
name = "tidepool"
version = "0.9.0"
"""

PULL_REQUEST_TEMPLATE = """\
## Before you ask for a review

- [ ] Tests cover the change
- [ ] CHANGELOG.md mentions it, if users will notice
"""

ROADMAP = """\
# Roadmap

- [x] Tables for a single harbour
- [ ] Tables for a whole coast
- [ ] Currents beside heights
"""

MAILMAP = """\
Ben Okafor <ben@tidepool.example> <ben.okafor@home.example>
"""

CHANGELOG = """\
# Changelog

## [1.0.0] - 2025-02-04

### New features

- Tide tables for a harbour and a day
- Export as plain text
"""

TEMPLATE = """\
# Tidepool [VERSION] release checklist

Version: [VERSION]
Planned for: [RELEASE_DATE]

A copy of this list is made for every release. Boxes are ticked through pull requests only.

## Preparation

### 1. Code

- [ ] Unit and integration tests pass (`make test`)
- [ ] No open defect of severity 1 or 2
- [ ] Every change was reviewed by a second person
- [ ] Public interface compared with the last release

### 2. Security

- [ ] Dependencies scanned for known weaknesses
- [ ] Secrets rotated (if needed)
- [ ] Threat model read again (if the attack surface changed)

### 3. Performance

- [ ] Load test meets the budget (p95 below 200 ms)
- [ ] Memory stays level through a day of steady load

### 4. Documentation

- [ ] CHANGELOG.md has a section for this version
- [ ] User guide matches the new pages
- [ ] Upgrade notes written (if anything breaks)

## Sign-off

- [ ] Development lead sign-off
- [ ] QA lead sign-off
- [ ] Security lead sign-off
- [ ] Product owner sign-off
- [ ] Release manager sign-off

## Release process

- [ ] Version number set in `pyproject.toml`
- [ ] Annotated tag created and pushed
- [ ] Packages built from the tag and published
- [ ] Release notes published

## After the release

### Verification

- [ ] Published package installs on a clean machine
- [ ] Error rate watched for 24 hours

### Follow-up

- [ ] Retrospective held
- [ ] Open questions carried to the next release
"""

SIGNOFF_BY_ITEM = """\
- [ ] Development lead sign-off
- [ ] QA lead sign-off
- [ ] Security lead sign-off
- [ ] Product owner sign-off
- [ ] Release manager sign-off
"""

SIGNOFF_BY_ROLE = """\
### Development lead

- [ ] Design of every larger change agreed
- [ ] Technical debt taken on is written down

### QA lead

- [ ] Test report read and accepted
- [ ] Regression list worked through

### Security lead

- [ ] Scan findings judged one by one
- [ ] Nothing secret in the build logs

### Product owner

- [ ] What was promised is in
- [ ] Known issues are acceptable

### Release manager

- [ ] Every role above has signed
- [ ] **READY FOR RELEASE**
"""

DEPLOYMENT = """\
# Deployment checklist

One list for every deployment of the Tidepool service. It is emptied when a release is closed.

## Before deployment

- [ ] Maintenance window agreed with support
- [ ] Database backup taken and restored once on staging
- [ ] Migrations rehearsed on a copy of production (if the schema changed)
- [ ] Dashboards and alerts looked at
- [ ] Operations lead approval to deploy

## Deployment

### Steps

1. Put the service into maintenance mode
   ```bash
   tidectl maintenance on --reason "deployment"
   ```

2. Take the backup that a rollback would need
   ```bash
   tidectl backup --to "/srv/backup/$(date +%F).dump"
   ```

3. Install the new version
   ```bash
   tidectl deploy --version "$VERSION"
   ```

4. Apply the migrations
   ```bash
   tidectl migrate --to latest
   ```

5. Leave maintenance mode
   ```bash
   tidectl maintenance off
   ```

### Progress

- [ ] Deployment started
- [ ] Migrations applied (if the schema changed)
- [ ] Every instance runs the new version
- [ ] Deployment done, maintenance mode off

## Post-deployment verification

- [ ] Health endpoint answers on every instance
- [ ] Tables of three harbours compared with the almanac
- [ ] Error rate below 0.1 % for an hour

## Rollback

### When to roll back

- A harbour shows wrong heights
- More than one request in a hundred fails
- Data was lost or mixed up

### Rollback steps

1. Install the version before
   ```bash
   tidectl deploy --version "$PREVIOUS"
   ```

2. Restore the backup, if the schema changed
   ```bash
   tidectl restore --from "/srv/backup/$DAY.dump"
   ```

### Rollback checklist

- [ ] Rollback decided and announced
- [ ] Previous version deployed
- [ ] Database restored (if needed)
- [ ] Service verified after the rollback
- [ ] Incident report written

## Clean-up

- [ ] Maintenance page taken down
- [ ] Times of the deployment noted in the log book
- [ ] False alarms of the night tuned away

## Contacts

- Operations on call: @ravi
- Database: @ben
- Support desk: [Contact]

## Metrics to track

- Deployment duration
- Mean time to recovery (MTTR)
- Change failure rate
"""

HOTFIX = """\
# Tidepool v1.1.1 hotfix checklist

Release: v1.1.1
Hotfix for: v1.1.0

## Preparation

- [ ] Defect reproduced in a test
- [ ] Fix is as small as it can be
- [ ] Fix taken over from `main` with its origin noted
- [ ] Regression tests pass

## Sign-off

- [ ] QA lead sign-off
- [ ] Release manager sign-off

## Release process

- [ ] Patch version tagged
- [ ] Hotfix deployed

## After the release

- [ ] Affected harbours compared with the almanac
- [ ] Incident closed
"""

NOTES_2_0_0 = """\
# Tidepool 2.0.0

## Highlights

Heights are now metres above chart datum everywhere, and a table can cover a whole coast.

## Breaking changes

- `height()` returns metres instead of centimetres

## Upgrade notes

Divide by 100 wherever a height was shown; `tidepool check-units` finds the places.

## Known issues

- A coast of more than 200 harbours takes several seconds
"""

COUNTED_BY_HAND = """\

## Completion

| Category | Items | Completed | Notes |
|---|---|---|---|
| Preparation | 12 | 12 | all green |
| Sign-off | 5 | 0 | on the last day |
| Release process | 4 | 0 | |
| After the release | 4 | 0 | |
| **Total** | **24** | **12** | |
"""

KEPT_TABLE = """\

## Completion

<!-- checktrail:completion -->

| Category | Items | Completed | Notes |
|---|---|---|---|
| Preparation | 12 | 4 | Priya is back on the 20th |
| Sign-off | 10 | 0 | |
| Release process | 4 | 0 | |
| After the release | 3 | 0 | |
| **Total** | **29** | **4** | |

<!-- /checktrail:completion -->
"""

IN_FLIGHT_NOTES = """\

## Notes

Written by hand during the release; a box in here is an example, not an item:

```markdown
- [ ] Name of the harbour that was checked
```

- Support asked for a quiet week: no deployment before the 24th
"""
