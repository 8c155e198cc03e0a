# SPDX-License-Identifier: Apache-2.0
"""How actual text is compared with what a test expects: exactly, by lines with {{regex}} parts,
or by the CHECK lines of an .ir file."""

import difflib
import re


def pattern(text):
    """`a {{[0-9]+}} b` as a regular expression; everything outside the braces is literal."""
    parts = re.split(r"\{\{(.*?)\}\}", text)
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = (f"(?:{regex})" for regex in parts[1::2])
    return "".join(parts)


def diff(expected, actual, name):
    """A unified diff of two texts, or "" when they are the same."""
    lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), name, "actual",
                                 lineterm="")
    text = "\n".join(lines)
    if not text and expected != actual:
        return f"{name}: differs in the last newline only"
    return text


def diff_regex(expected, actual, name, to_regex=str):
    """The same, where every expected line is a regular expression for the actual line of its
    number."""
    actual_lines = actual.splitlines()
    wanted = []
    for number, line in enumerate(expected.splitlines()):
        matches = number < len(actual_lines) and re.fullmatch(to_regex(line), actual_lines[number])
        wanted.append(actual_lines[number] if matches else line)
    return diff("".join(line + "\n" for line in wanted),
                "".join(line + "\n" for line in actual_lines), name)


def diff_patterns(expected, actual, name):
    """The same, where only what stands in {{ }} is a regular expression."""
    return diff_regex(expected, actual, name, pattern)


CHECK = re.compile(r"^\s*[;#/]*\s*CHECK(-[A-Z]+)?:(.*)$")
KINDS = ("", "-NEXT", "-NOT")


def check(checks, actual, name):
    """Matches CHECK lines against a text, as LLVM's FileCheck does, line by line: CHECK: is on
    some later line than the match before it, CHECK-NEXT: on the very next, and CHECK-NOT: on no
    line between its neighbours. Runs of blanks are equal. Returns what is wrong, or ""."""
    lines = [" ".join(line.split()) for line in actual.splitlines()]
    cursor = 0  # the first line after the last match
    forbidden = []  # the CHECK-NOTs since then, as (number, regex)
    found_any = False

    def problem(number, words, at):
        rest = "\n".join(f"  {line}" for line in actual.splitlines()[at:at + 15])
        return f"{name}:{number}: {words}; from line {at + 1} of the output:\n{rest}"

    for number, line in enumerate(checks.splitlines(), 1):
        match = CHECK.match(line)
        if not match:
            if line.strip() and not line.lstrip().startswith(";"):
                return f"{name}:{number}: neither a CHECK line nor a `;` comment: {line}"
            continue
        found_any = True
        kind, text = match[1] or "", " ".join(match[2].split())
        if kind not in KINDS:
            return f"{name}:{number}: there is no CHECK{kind}"
        regex = re.compile(pattern(text))
        if kind == "-NOT":
            forbidden.append((number, text, regex))
            continue
        candidates = range(cursor, cursor + 1 if kind == "-NEXT" else len(lines))
        hit = next((i for i in candidates if i < len(lines) and regex.search(lines[i])), None)
        if hit is None:
            return problem(number, f"CHECK{kind} not found: {text}", cursor)
        for at in range(cursor, hit):
            for not_number, not_text, not_regex in forbidden:
                if not_regex.search(lines[at]):
                    return problem(not_number, f"CHECK-NOT found: {not_text}", at)
        cursor, forbidden = hit + 1, []
    for at in range(cursor, len(lines)):
        for not_number, not_text, not_regex in forbidden:
            if not_regex.search(lines[at]):
                return problem(not_number, f"CHECK-NOT found: {not_text}", at)
    return "" if found_any else f"{name}: holds no CHECK line"
