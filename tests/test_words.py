"""Words of docstrings, messages, help and pages: those of the field, in plain English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.clips import ROOT

MODULES = sorted((ROOT / "vidstyle").rglob("*.py"))
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])

FIRST_WORDS = re.compile(
    r"(?:What|How|Where|Whether|Who|Whose|Whom|Which|When|Why|Of|That|None of)(?:ever)?\b", re.IGNORECASE
)
"""First words of a docstring that neither names a thing nor says what a function does."""

NOUNS = (
    "one|line|object|event|file|image|picture|frame|photo|film|video|job|shot|pass|iteration|step|evaluation|pixel|bit"
    "|level|second|minute|hour|time|byte|colour|channel|track|stream|layer|process|row|entry"
)
UNITS = (
    "line|file|frame|photo|film|video|job|shot|pass|iteration|evaluation|pixel|second|minute|hour|day|byte|colour"
    "|channel|track|process|row|input|pair"
)
VERBS = "time|pass|is|has|needs|takes|gets|costs|starts|ends|can|may|must"
BEFORE_ELSE = [
    *(
        f"{some}{body}"
        for some in ("any", "every", "no", "some")
        for body in ("body", "one", "thing", "where")
    ),
    *("what", "who", "or"),
]
BANNED = {
    "is no X": r"(?<!there )(?<!here )\b(?:is|are|was|were|be) no\b"
    r"(?! longer| more| less| fewer| later| earlier| slower| faster| larger| smaller| better| worse)",
    "is none": r"\b(?:is|are|was|were|be|or) (?-i:none)\b(?! of)",
    "is said": r"\b(?:is|are|was|were|be|been|as) said\b|\bsaid (?:so|by|to|too)\b",
    "told": r"\btold\b|\btells? (?:how|what|where|which|whether) ",
    "handed": r"(?<![-\w])(?:handed|hands?) (?:it|them|over|on|back|to|down)\b|(?<![-\w])handed\b",
    "looked at": r"\b(?:is|are|was|were|be|been) looked\b|\blooked (?:at|through)\b|\blooks at\b",
    "leave away": r"\b(?:leav\w+|left)\b(?: [^\s.;:]+){0,5} away\b",
    "mend": r"\bmend(?:s|ed|ing)?\b",
    "beside": r"\bbeside\b",
    "anew": r"\banew\b",
    "else for otherwise": "".join(rf"(?<!{word} )" for word in BEFORE_ELSE) + r"\belse\b(?!:| if\b)",
    "a for per": rf"\b(?:{NOUNS})s? an? (?:{UNITS})\b(?! (?:{VERBS})\b)"
    rf"|(?:\b\d+(?:\.\d+)?|\}}) (?:s|ms|MB|MiB|GB|GiB) an? (?:{UNITS})\b",
    "so many": r"\bso (?:many|much)(?! (?:more|less|faster|slower|larger|smaller|that)\b)",
    "whoever": r"\bwho(?:so)?ever\b|\bsomebody\b",
    "not to be had": r"\bto be had\b",
    "how often": r"\bhow often\b",
    "brought to": r"\b(?:is|are|was|were|be|been) brought to\b",
    "comes to for amounts to": r"\bcomes? to (?=[\d{]|about \d|more than \d)",
    "is there already": r"\b(?:is|are|was|were) (?:already there|there already)\b",
    "gone over": r"\bgone over\b",
    "not to be": r"\bis not to be (?:found|seen|read)\b",
}
"""Turns that read as translated, with patterns that spare good English."""
RECIPE = r"\brecipes?\b(?!\.md)"
"""A preset is always called a preset, except in pages, where recipes are everyday tasks."""


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def found_in(text: str, banned: dict[str, str]) -> list[str]:
    """List the banned turns of a text, each with its neighbourhood."""
    flat = " ".join(text.split())
    return [
        f"{turn}: ...{flat[max(0, match.start() - 40) : match.end() + 40]}..."
        for turn, pattern in banned.items()
        for match in re.finditer(pattern, flat, re.IGNORECASE)
    ]


def docstrings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield name and docstring of a module, its classes, and its public functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            name = getattr(node, "name", "the module")
            is_private = name.startswith("_") and not isinstance(node, ast.ClassDef)
            if (text := ast.get_docstring(node)) and not is_private:
                yield name, text


def strings(tree: ast.Module) -> Iterator[str]:
    """Yield the string literals of a module that are not docstrings, with {} for what is formatted."""
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    parts = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation | parts
        ):
            yield node.value


def prose(page: str) -> Iterator[str]:
    """Yield paragraphs of a page, and the comments in its blocks of shell commands."""
    for number, block in enumerate(re.split(r"^```\w*$", page, flags=re.MULTILINE)):
        if number % 2:
            yield from re.findall(r"(?<!\S)# .*$", block, re.MULTILINE)
        else:
            yield from re.split(r"\n\s*\n|\n(?=\s*[-|#*] )", re.sub(r"`[^`]*`", "`code`", block))


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_docstring_begins_with_a_noun_phrase_or_an_imperative(path):
    found = [
        f"{name}: {text.splitlines()[0]}"
        for name, text in docstrings(ast.parse(path.read_text("utf-8")))
        if FIRST_WORDS.match(text)
    ]
    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_messages_are_in_the_words_of_the_field(path):
    texts = [text for text in strings(ast.parse(path.read_text("utf-8"))) if " " in text]
    assert [turn for text in texts for turn in found_in(text, BANNED | {"recipe": RECIPE})] == []


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_page_is_in_the_words_of_the_field(path):
    assert [turn for text in prose(path.read_text("utf-8")) for turn in found_in(text, BANNED)] == []


def test_help_is_in_the_words_of_the_field():
    from docs import reference

    assert [
        turn for text in prose(reference.page()) for turn in found_in(text, BANNED | {"recipe": RECIPE})
    ] == []


@pytest.mark.parametrize(
    ("turn", "text"),
    [
        ("is no X", "--size 'x' is no size"),
        ("is none", "Python 3.11 is needed, and 'python' is none."),
        ("is said", "Before painting it is said how long it takes, which is said too."),
        ("told", "What is left is told along the way."),
        ("handed", "it is handed to ffmpeg"),
        ("looked at", "the frames are looked at beside"),
        ("leave away", "leave one of the two away"),
        ("mend", "mend that and run the same command again"),
        ("beside", "the folder beside the output"),
        ("anew", "the sound is encoded anew"),
        ("else for otherwise", "kept in .mkv, else left out"),
        ("a for per", "0.7 s a frame"),
        ("a for per", "{} s a frame"),
        ("a for per", "25 frames a second"),
        ("a for per", "one object a line"),
        ("so many", "after so many iterations"),
        ("whoever", "whoever reads it"),
        ("not to be had", "--bit-depth 9 is not to be had"),
        ("how often", "how often each shot is painted"),
        ("brought to", "it is brought to the size of the result"),
        ("comes to for amounts to", "36 frames come to {}"),
        ("is there already", "a folder that is there already"),
    ],
)
def test_banned_turn_is_found(turn, text):
    assert any(found.startswith(f"{turn}:") for found in found_in(text, BANNED))


@pytest.mark.parametrize(
    "text",
    [
        "There is no option 'x'; it is no longer than a second, and no cut is found.",
        "None of them is needed, and nothing else; anything else is an error.",
        "Left-handed users leave the keyboard next to the screen; besides, they recommend it.",
        "A frame per second, one object per line, 25 frames, a second pass, a second time.",
        "It is so much faster that painting takes a second; the file is already open.",
        "Read the image, a photo; look at the picture, or else stop.",
        "amend commend recommended dimension",
    ],
)
def test_good_english_is_spared(text):
    assert found_in(text, BANNED) == []
