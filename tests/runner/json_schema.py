# SPDX-License-Identifier: Apache-2.0
"""Whether what `sonde -f json` prints is what docs/json-schema.json says."""

import functools
import json
import pathlib

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs/json-schema.json"


@functools.cache
def validator():
    import jsonschema  # pylint: disable=import-outside-toplevel
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def is_there():
    try:
        import jsonschema  # noqa: F401  pylint: disable=import-outside-toplevel,unused-import
        return True
    except ImportError:
        return False


def every_member(members):
    """A JSON object. Keys of a map may have the same text: then their names are told apart, so that
    all of them are looked at."""
    found = {}
    for name, value in members:
        while name in found:
            name += "'"
        found[name] = value
    return found


def error_of(line):
    """What is wrong with a line, or ""."""
    try:
        # Bytes that are no UTF-8 are handed on as they are.
        message = json.loads(line.decode(errors="surrogateescape"),
                             object_pairs_hook=every_member)
    except ValueError as reason:
        return f"is no JSON: {reason}"
    if validator().is_valid(message):
        return ""
    # Of the alternatives, the one for messages of this type says most.
    kind = message.get("type") if isinstance(message, dict) else None
    for error in validator().iter_errors(message):
        for reason in error.context:
            if list(reason.absolute_path) != ["type"] and kind:
                return f"is not as the schema says: {reason.message}"
    return "is not as the schema says"


def first_error(output):
    """What is wrong with the output of a script, or "". Warnings of the compiler are text in front
    of the first object."""
    lines = output.split(b"\n")
    if lines.pop() != b"":
        return f"the last line does not end: {output[-200:]!r}"
    while lines and not lines[0].startswith(b"{"):
        lines.pop(0)
    for line in lines:
        if wrong := error_of(line):
            return f"{wrong}\n{line.decode(errors='replace')}"
    return ""
