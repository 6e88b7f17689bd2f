"""Strings that try to be more than text, and a repository that has each of them wherever a name or a text can stand.

Elements of hostile origin carry the attribute `data-owned`, and what would run calls `alert('owned')`: whoever finds
either in an output has found a hole. Objects are written by hand, since git's own commands refuse half of this.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from story import Story

RUN = "alert('owned')"
_IMG = f"<img data-owned src=x onerror={RUN}>"
ELSEWHERE = "https://elsewhere.example"
SECRET = "secret-of-ada"

HTML: tuple[str, ...] = (
    f"<script data-owned>{RUN}</script>",
    _IMG,
    f"<svg/data-owned/onload={RUN}>",
    f'">{_IMG}',
    f"'>{_IMG}",
    f'" data-owned autofocus tabindex=1 onfocus="{RUN}" onmouseover="{RUN}" x="',
    "' data-owned autofocus tabindex=1 onfocus='alert(1)' x='",
    f"x data-owned autofocus onfocus={RUN}",
    f"-->{_IMG}<!--",
    f"</title></textarea></style></script></noscript></pre></code></template>{_IMG}",
    f"<style data-owned>*{{display:none}}@import url({ELSEWHERE}/x.css);</style>",
    f"<meta data-owned http-equiv=refresh content='0;url={ELSEWHERE}/'>",
    f"<base data-owned href={ELSEWHERE}/>",
    f"<iframe data-owned srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<form data-owned action={ELSEWHERE}/><button formaction=javascript:{RUN}>go</button></form>",
    f"<details data-owned open ontoggle={RUN}><summary>x</summary></details>",
    f"<math><mtext><table><mglyph><style><!--</style>{_IMG}",
    f'<noscript><p title="</noscript>{_IMG}">',
    f"<link data-owned rel=stylesheet href={ELSEWHERE}/x.css>",
    f"<a data-owned href=javascript:{RUN}>owned</a>",
    "<div data-owned id=__md_scope class=md-header style='position:fixed;inset:0'>owned</div>",
    f"&lt;img data-owned src=x onerror={RUN}&gt; &#60;script data-owned&#62;{RUN}&#60;/script&#62;",
    f"&amp;lt;img data-owned src=x onerror={RUN}&amp;gt; &NewLine;&Tab;&colon;",
    "<!-- an open comment <b data-owned",
    "<img data-owned src=`x` onerror=alert`1`",
    "</p></li></ul></div></article></main></body></html>",
)
LINKS: tuple[str, ...] = (
    f"[owned](javascript:{RUN})",
    f"[owned](JaVaScRiPt&colon;{RUN})",
    f"[owned](<java&#9;script:{RUN}>)",
    f"[owned](&#x6A;avascript:{RUN})",
    "[owned](data:text/html;base64,PHNjcmlwdD5hbGVydCgnb3duZWQnKTwvc2NyaXB0Pg==)",
    "[owned](vbscript:msgbox)",
    "[owned](file:///etc/passwd)",
    f"![owned](javascript:{RUN})",
    f"![owned]({ELSEWHERE}/pixel.png)",
    f"<javascript:{RUN}>",
    f"[owned][o] [o]: javascript:{RUN}",
    f"[o]: javascript:{RUN} 'owned'",
    "[owned](//elsewhere.example/owned)",
    f'[owned]({ELSEWHERE}/"onmouseover="{RUN})',
    f'[owned]({ELSEWHERE} "\\"data-owned onmouseover={RUN} x=\\"")',
    "[owned](../../../../../../etc/passwd)",
    "[owned](#\"onclick=\"alert('owned'))",
)
MARKDOWN: tuple[str, ...] = (
    "# owned heading",
    "| owned | a |",
    "text\n\n# owned heading\n\n- [x] owned item\n\n| owned | b |\n|---|---|\n| 1 | 2 |",
    "text\n---",
    "```owned",
    "``owned` `` ~~~",
    "***__~~owned",
    "\\",
    "[^owned]: footnote",
    '!!! danger "owned"',
    '??? danger "owned"',
    f'{{: data-owned onclick="{RUN}" }}',
    f'owned {{: #__search data-owned style="position:fixed" onclick="{RUN}" }}',
    '--8<-- "/etc/passwd"',
    f"*[owned]: {_IMG}",
    "[TOC]",
    "[[owned]]",
    "<!-- checktrail:0123456789abcdef0123456789abcdef-0 -->",
    "<!-- checktrail:../../../../etc/passwd-0 -->",
    "<!-- checktrail: ignore -->",
    "<!-- checktrail:table -->",
    "\x02wzxhzdk:0\x03 \x02klzzwxh:0000\x03 \x02amp\x03",
    "> quoted - [x] owned",
    "- [x] owned",
    "1. owned",
    "@octocat closes #1, GH-1, octo/cat#1",
)
FORMULAS: tuple[str, ...] = (
    f'=HYPERLINK("{ELSEWHERE}","owned")',
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    '"=1+1',
    '";=1+1;"',
    "|=1+1",
    "\uff1d1+1",
)
TERMINAL: tuple[str, ...] = (
    "\x1b[31mred\x1b[0m",
    f"\x1b]8;;{ELSEWHERE}\x1b\\owned\x1b]8;;\x1b\\",
    "\x1b]52;c;b3duZWQ=\x07",
    "\x1b]0;owned\x07",
    "\x9b31mred \x9d0;owned\x9c \x90q\x9c",
    "\x1bPq#0;2;0;0;0\x1b\\ \x1b[2J\x1b[H \x1bc",
    "gone\x08\x08\x08\x08owned\x07\x7f",
    "gone\rowned",
    "\x0b\x0c\x1c\x1d\x1e\x1f",
    "\x01owned\x02 %00 \\0",
    f"[bold red]owned[/] [link={ELSEWHERE}]owned[/link] :bomb: [/]",
)
CHARACTERS: tuple[str, ...] = (
    "\u202eedoc\u202c \u2066owned\u2069 \u200f",
    "own\u200bed\u200d\u2060\ufeff\u00ad",
    "\U000e0041\U000e0042 owned",
    "one\u2028two\u2029three\u0085four",
    "\ufffe\uffff\ufdd0 owned",
    "\udcff\udcfe owned \udcc3",
    "\udced\udca0\udc80 owned",
    "Z" + "\u0301" * 60,
    "\u0430dmin l\u0456nt",
)
LANGUAGES: tuple[str, ...] = (
    "'); DROP TABLE releases; --",
    "\" OR 1=1; ATTACH DATABASE 'owned.db' AS o; --",
    "]]><owned/>",
    '<![CDATA[owned <!ENTITY x SYSTEM "file:///etc/passwd"> <?xml version="1.1"?> &x;',
    '"},{"owned":true},{"x":"',
    "\\u0022 \\x41 __proto__",
    "{{ 7*7 }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}{# owned #}",
    "${7*7} #{7*7} <%= 7*7 %> {0.__class__} %(owned)s %s%n",
    "::error file=owned.py,line=1::owned",
    "%0A::error::owned%0D%0A##[error]owned",
    "x\n::error::owned\n##vso[task.setvariable variable=owned]1",
    "--output=owned",
    "-rf --upload-pack=touch owned",
    "$(touch owned) `touch owned`; touch owned | touch owned & !touch owned",
    "owned: [1, 2] # &a *a !!python/object/apply:os.system ['touch owned']",
)
NAMES: tuple[str, ...] = (
    "../../owned",
    "..\\..\\owned",
    "C:\\owned",
    "%2e%2e%2fowned",
    "CON",
    "aux.md",
    "nul.",
    "trailing ",
    ".hidden",
    "-leading",
    "~root",
    "new\nline",
    "index",
    "made",
    "assets",
    "sitemap.xml",
)
LONG: tuple[str, ...] = ("A" * 3000, "[" * 300 + "owned" + "]" * 300, "<" * 300, "*a " * 300, "![" * 100, "`" * 301)

CORPUS: tuple[str, ...] = (
    *HTML, *LINKS, *MARKDOWN, *FORMULAS, *TERMINAL, *CHARACTERS, *LANGUAGES, *NAMES, *LONG,
)  # fmt: skip

PATHS: tuple[str, ...] = (
    *HTML[:4], HTML[5], HTML[8], LINKS[0], *MARKDOWN[11:13], MARKDOWN[17], FORMULAS[0], FORMULAS[5], *TERMINAL[:6:2],
    *TERMINAL[7:10], *CHARACTERS, LANGUAGES[0], *LANGUAGES[2:4], *LANGUAGES[6:8], *LANGUAGES[9:15:2], *NAMES[1::2],
    *NAMES[2:13:4], LONG[0][:200],
)  # fmt: skip

TAGS: tuple[str, ...] = (
    "<script/data-owned>alert('owned')</script>", "\"><img/data-owned/src=x/onerror=alert('owned')>",
    "'onmouseover='alert(1)'data-owned='(javascript&colon;alert('owned'))", "&lt;b/data-owned&gt;--><b/data-owned>",
    "=1+1|=1", "@SUM(1)');DROP-TABLE-releases;--",
    ']]><owned/>"},{"owned', "{{7+7}}{%raw%}{#x#}$(touch${IFS}owned)`touch`",
    "--output=owned", "-rf", "%0A%0A#owned!!!<!--checktrail/0-0-->%2e%2e%2f", "\u202e\u200b\U000e0041\udcff",
    "one\u2028two\u0085\x9b31m", "A" * 150,
)  # fmt: skip

_Tree: TypeAlias = "dict[bytes, bytes | _Tree]"


@dataclass(slots=True)
class Forge:
    """Writes git's objects by hand: whatever git would refuse to make, others may still hand to it."""

    story: Story
    tick: int = 1_704_099_600

    def put(self, kind: str, content: bytes) -> str:
        """Write a loose object; its id."""
        whole = f"{kind} {len(content)}\0".encode() + content
        name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        path = self.story.root / ".git" / "objects" / name[:2] / name[2:]
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(whole, 1))
        return name

    def tree(self, files: Mapping[bytes, bytes]) -> str:
        """A tree of files by their paths; a path may lead anywhere."""
        root: _Tree = {}
        for path, content in files.items():
            *folders, name = path.split(b"/")
            here = root
            for folder in folders:
                inner = here.setdefault(folder, {})
                assert isinstance(inner, dict), path
                here = inner
            here[name] = content
        return self._folder(root)

    def _folder(self, entries: _Tree) -> str:
        def order(entry: tuple[bytes, bytes | _Tree]) -> bytes:
            return entry[0] + (b"/" if isinstance(entry[1], dict) else b"")

        rows = []
        for name, inner in sorted(entries.items(), key=order):
            mode, held = (
                (b"40000", self._folder(inner)) if isinstance(inner, dict) else (b"100644", self.put("blob", inner))
            )
            rows.append(mode + b" " + name + b"\0" + bytes.fromhex(held))
        return self.put("tree", b"".join(rows))

    def commit(self, files: Mapping[bytes, bytes], parents: Sequence[str], who: bytes, message: bytes) -> str:
        """A commit, an hour after the one before; `who` is name and address as they shall stand."""
        self.tick += 3600
        lines = [f"tree {self.tree(files)}".encode(), *(f"parent {parent}".encode() for parent in parents)]
        lines += [kind + b" " + who + f" {self.tick} +0000".encode() for kind in (b"author", b"committer")]
        return self.put("commit", b"\n".join(lines) + b"\n\n" + message)

    def tag(self, name: bytes, commit: str, who: bytes, message: bytes) -> str:
        """An annotated tag's object, an hour later."""
        self.tick += 3600
        head = f"object {commit}\ntype commit\ntag ".encode() + name + b"\ntagger " + who
        return self.put("tag", head + f" {self.tick} +0000\n\n".encode() + message)


def raw(text: str) -> bytes:
    """A string as git holds it: what is no character is the byte it stands for, and a NUL cannot be."""
    return text.encode("utf-8", "surrogateescape").replace(b"\0", b"")


def line(text: str) -> str:
    """A string without what would end its line."""
    return text.replace("\n", " ")


def person(text: str) -> bytes:
    """A name and an address of it, as far as they fit into a line with the address in angle brackets."""
    plain = raw(line(text)[:300]).replace(b"<", b"(").replace(b">", b")")
    return plain + b" <" + raw(line(text)[:100]).replace(b">", b")") + b"@elsewhere.example>"


def path(text: str, *, number: int) -> bytes | None:
    """A path that git takes into an index, or None."""
    name = raw(text)[:220]
    if any(part in (b"", b".", b"..") or part.lower() == b".git" for part in name.split(b"/")):
        return None
    return b"paths/%d/" % number + name + b"-release-checklist.md"


@dataclass(frozen=True, slots=True)
class Hostile:
    """The repository: its story and the releases' tags in git's own words."""

    story: Story
    tags: tuple[str, ...] = field(default=())

    @property
    def root(self) -> Path:
        """Where it is."""
        return self.story.root


def hostile(folder: Path, *, corpus: Sequence[str] = CORPUS, tags: Sequence[str] = TAGS) -> Hostile:
    """A repository in which every string of a corpus stands in every place that a name or a text can have."""
    story = Story(folder, bare_name="<img data-owned src=x onerror=alert(1)> {{ 7*7 }}")
    forge = Forge(story)
    references: list[bytes] = []
    names: list[str] = []
    head = forge.commit(_files(corpus, 0), (), b"Ada <ada@example.org>", b"Start\n")
    every = max(1, len(corpus) // len(tags))
    for number, text in enumerate(corpus, 1):
        head = forge.commit(_files(corpus, number), (head,), person(text), _message(text))
        if number % every == 0 and len(names) < len(tags):
            name = f"{tags[len(names)]}/v1.{len(names)}.0"
            held = head if len(names) % 5 == 4 else forge.tag(raw(name), head, person(text), _message(text))
            references.append(b"create refs/tags/%s %s\n" % (raw(name), held.encode()))
            names.append(name)
    # A path out of the repository cannot be checked out, and can be tagged.
    outside = {raw(f"../../{number}/owned-release-checklist.md"): b"# Owned\n\n- [x] Out\n" for number in range(2)}
    away = forge.commit(outside | {b".git/checklist.md": b"# Owned\n\n- [x] In\n"}, (head,), person("../.."), b"Out\n")
    references.append(b"create refs/tags/v9.0.0 %s\n" % away.encode())
    branch = b"refs/heads/" + raw(tags[1])
    references += [
        b"create refs/heads/%s-%d %s\n" % (raw(tag), number, head.encode()) for number, tag in enumerate(tags)
    ]
    story.git("update-ref", "--stdin", feed=b"".join(references) + b"create %s %s\n" % (branch, head.encode()))
    (story.root / ".git" / "HEAD").write_bytes(b"ref: " + branch + b"\n")
    story.git("config", "remote.origin.url", f'https://ada:{SECRET}@github.com/"{_IMG}/x.git')
    story.git("read-tree", "HEAD")
    story.git("checkout-index", "--all", "--force")
    return Hostile(story, (*names, "v9.0.0"))


def _message(text: str) -> bytes:
    return raw(
        f"feat({line(text)[:60]}): {line(text)}\n\n{text}\n\nBREAKING CHANGE: {line(text)}\n\n"
        f"Co-authored-by: {line(text)} <{line(text)}>\nReviewed-by: {line(text)} <ada@example.org>\n"
        f"Fixes: {line(text)}\n"
    )


def _files(corpus: Sequence[str], done: int) -> dict[bytes, bytes]:
    """What stands in the tree when so many of the strings have had their commit."""
    files = {
        b"RELEASE_CHECKLIST.md": _checklist(corpus, done),
        b"CHANGELOG.md": _changelog(corpus),
        b".mailmap": b"".join(person(text) + b" " + person(text) + b"\n" for text in corpus),
        b"checktrail-policy.yml": _policy(corpus),
    }
    if done > len(corpus) * 3 // 4:  # only the last tags hold these, so that there is an end to the pages
        files |= dict(_paths())
    return files


def _checklist(corpus: Sequence[str], done: int) -> bytes:
    parts = [
        f"---\ntitle: {json.dumps(corpus[0])}\nowner: {json.dumps(corpus[1])}\n---\n\n# Release {line(corpus[0])}\n"
    ]
    rows = ["\n## Completion\n\n| Category | Items | Completed | Notes |\n|---|---|---|---|\n"]
    for number, text in enumerate(corpus):
        if number % 8 == 0:
            parts.append(f"\n## {'Sign-off ' if number % 48 == 8 else ''}{line(text)}\n\n")
        box = "x" if number < done else " "
        first, *rest = text.split("\n")
        parts.append(f"- [{box}] {first}\n" + "".join(f"      {other}\n" for other in rest))
        if number % 8 == 7:
            parts.append(
                f"\n{text}\n\n```{line(text)}\n{text}\n```\n\n- [{box}] **Asked {line(text)}** (@{line(text)})\n"
            )
        cell = line(text).replace("|", "\\|")
        rows.append(f"| {cell} | {number} | 0 | {cell} |\n")
    return raw("".join(parts) + "".join(rows))


def _changelog(corpus: Sequence[str]) -> bytes:
    entries = "".join(f"- {line(text)}\n" for text in corpus)
    versions = "".join(
        f"## [1.{number}.0] - 2024-01-0{number + 1} {line(corpus[number])}\n\n### Added\n\n{entries}\n"
        for number in range(3)
    )
    return raw(f"# Changelog\n\n## [Unreleased]\n\n### {line(corpus[0])}\n\n{entries}\n{versions}")


def _policy(corpus: Sequence[str]) -> bytes:
    texts = [raw(text + ".").decode("utf-8", "replace") for text in corpus]  # a name of spaces alone is refused
    people = {
        f"p{number}": {"name": text, "emails": [f"{text}@elsewhere-{number}.example"]}
        for number, text in enumerate(texts)
    }
    members = [{"person": name} for name in people]
    policy = {
        "version": 1,
        "people": people,
        "roles": {
            text[:100]: {"title": text, "members": members[number + 8 : number + 11]}
            for number, text in enumerate(texts[8:12])
        },
        "requirements": [
            {"id": f"{text[:100]}", "match": {"text": text[:50]}, "role": texts[8 + number][:100], "controls": [text]}
            for number, text in enumerate(texts[8:12])
        ],
        "waivers": [
            {
                "code": "SO202",
                "release": "*",
                "subject": text,
                "reason": text,
                "approved_by": f"p{number}",
                "expires": "2099-01-01",
            }
            for number, text in enumerate(texts[8:12])
        ],
    }
    return json.dumps(policy).encode()


def _paths() -> Iterator[tuple[bytes, bytes]]:
    for number, text in enumerate(PATHS):
        name = path(text, number=number)
        if name is not None:
            front = f"---\ntitle: {json.dumps(text)}\n---\n\n"
            yield name, raw(f"{front}# {line(text)}\n\n## {line(text)}\n\n- [x] {line(text)}\n- [ ] Open\n")
