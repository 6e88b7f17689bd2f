"""Allowed signers and revoked keys are read as OpenSSH writes them; a line that cannot be read is named."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail.signatures.trust import read_allowed_signers, read_revoked_keys
from checktrail.signatures.verification import Window
from checktrail.signatures.wire import string

KEY = string(b"ssh-ed25519") + string(b"\x07" * 32)
WRITTEN = f"ssh-ed25519 {base64.b64encode(KEY).decode()}"


def test_every_part_of_a_line() -> None:
    line = 'ana@example.org,*@team.example namespaces="git,file",valid-after="20240101Z",valid-before="202406011230Z"'
    (signer,) = read_allowed_signers(f"# people\n\n{line} {WRITTEN} Ana's laptop\n").signers
    assert signer.principals == ("ana@example.org", "*@team.example")
    assert signer.key == KEY
    assert signer.namespaces == ("git", "file")
    assert signer.window == Window(1704067200, 1717245000)
    assert (signer.is_authority, signer.line) == (False, 3)


def test_principals_in_quotation_marks() -> None:
    (signer,) = read_allowed_signers(f'"ana@example.org,b@example.org" {WRITTEN}\n').signers
    assert signer.principals == ("ana@example.org", "b@example.org")


def test_a_time_without_z_is_read_as_utc_and_told() -> None:
    found = read_allowed_signers(f'a@example.org valid-after="20240101" {WRITTEN}\n')
    assert found.signers[0].window.start == 1704067200
    assert "time zone" in found.faults[0].reason


def test_an_authority_vouches_for_no_plain_key() -> None:
    found = read_allowed_signers(f"*@example.org cert-authority {WRITTEN}\n")
    assert found.has_authority()
    assert found.vouchers(KEY, "git") == ()


@pytest.mark.parametrize(
    "line",
    [
        "ana@example.org",
        "ana@example.org ssh-ed25519",
        "ana@example.org ssh-ed25519 !!!!",
        f"ana@example.org ssh-rsa {base64.b64encode(KEY).decode()}",
        f'ana@example.org valid-until="20240101Z" {WRITTEN}',
        f'ana@example.org valid-after="soon" {WRITTEN}',
        f'ana@example.org valid-after="20241301Z" {WRITTEN}',
        f'ana@example.org valid-after="20240230Z" {WRITTEN}',
        f'ana@example.org valid-after="20250101Z",valid-before="20240101Z" {WRITTEN}',
        f'ana@example.org valid-after="20250101Z",valid-after="20240101Z" {WRITTEN}',
        f'ana@example.org valid-after="20240101Z {WRITTEN}',
        f'"ana@example.org {WRITTEN}',
        f"ana@example.org cert-authority=yes {WRITTEN}",
        f"ana@example.org namespaces {WRITTEN}",
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_vouches_for_nobody(line: str) -> None:
    found = read_allowed_signers(f"b@example.org {WRITTEN}\n{line}\n")
    assert [fault.line for fault in found.faults] == [2]
    assert [signer.line for signer in found.signers] == [1]


def test_only_a_line_feed_ends_a_line() -> None:
    found = read_allowed_signers(f"b@example.org {WRITTEN} a comment\u2028eve@example.org {WRITTEN}\x0bmore\n")
    assert [signer.principals for signer in found.signers] == [("b@example.org",)]


def test_revoked_keys_one_to_a_line() -> None:
    found = read_revoked_keys(f"# gone\n\n{WRITTEN} stolen\nnonsense\n".encode())
    assert found.holds(KEY)
    assert not found.holds(KEY[:-1] + b"\x08")
    assert [fault.line for fault in found.faults] == [4]


def test_a_broken_revocation_list_is_named() -> None:
    found = read_revoked_keys(b"SSHKRL\n\0\x00\x00")
    assert found.faults
    assert not found.holds(KEY)


@given(st.text(max_size=80))
def test_no_text_makes_it_fall_over(noise: str) -> None:
    for text in (noise, f"a@example.org {noise} {WRITTEN}", f"{noise} {WRITTEN}"):
        found = read_allowed_signers(text)
        assert len(found.signers) + len(found.faults) <= 2 * len(text.split("\n"))


@given(st.binary(max_size=80))
def test_no_bytes_make_it_fall_over(noise: bytes) -> None:
    for content in (noise, b"SSHKRL\n\0" + noise):
        assert not read_revoked_keys(content).holds(KEY)
