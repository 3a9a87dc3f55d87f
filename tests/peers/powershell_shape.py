"""Reads PowerShell with a grammar that others wrote, and says what each script is made of.

Reads a list of scripts from standard input and writes for each {"errors": [...], "shape": [...]}: the places that are
no PowerShell, and the sorts of its parts in their order with the names of commands and parameters, but without what
stands within texts and remarks. Two scripts of one shape run the same commands.
"""

import json
import re
import sys

import tree_sitter
import tree_sitter_powershell

# Each of these ends a text in PowerShell as a straight quote does; the grammar knows the straight ones only.
SINGLE = dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b"), "'")
DOUBLE = dict.fromkeys(map(ord, "\u201c\u201d\u201e"), '"')
# The grammar does not know a list of bare words; PowerShell does. All but the first word are left out.
BARE_LIST = re.compile(r"((?:Format-List|Format-Table|-Properties|-Property) \w+)(?:, \w+)+")
TOLD = {"command_name", "command_parameter", "generic_token", "variable", "simple_name", "member_name"}

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def read(script):
    text = BARE_LIST.sub(r"\1", script.removeprefix("\ufeff").translate(SINGLE | DOUBLE)).encode()
    errors, shape, waiting = [], [], [parser.parse(text).root_node]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            errors.append(f"line {node.start_point.row + 1}: {node.text.decode(errors='replace')[:80]}")
        if node.type == "comment":
            continue
        shape.append(f"{node.type} {node.text.decode()}" if node.type in TOLD else node.type)
        waiting.extend(reversed(node.named_children))
    return {"errors": errors, "shape": shape}


json.dump([read(script) for script in json.load(sys.stdin)], sys.stdout)
