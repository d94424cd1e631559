"""Configuration files as people keep them, for each way in which clients read them."""

STRICT = {
    "nothing": "",
    "blank lines": "\n\n",
    "an empty object": "{}\n",
    "an empty object over two lines": "{\n}\n",
    "an object with a space": "{ }\n",
    "other settings": '{\n  "theme": "dark",\n  "env": {"A": "1"}\n}\n',
    "all on one line": '{"theme": "dark", "n": [1, 2, {"a": null}], "t": true}\n',
    "narrow, on one line": '{"theme":"dark","mcpServers":{"other":{"command":"x"}}}',
    "no servers yet": '{\n  "mcpServers": {}\n}\n',
    "another server": (
        '{\n  "mcpServers": {\n    "files": {\n      "command": "npx",\n'
        '      "args": ["-y", "@x/files", "/tmp"]\n    }\n  }\n}\n'
    ),
    "hooks of another program": (
        '{\n  "permissions": {"allow": ["Bash(ls:*)"]},\n  "hooks": {\n    "Stop": [\n'
        '      {"hooks": [{"type": "command", "command": "notify-send done"}]}\n    ],\n'
        '    "PreToolUse": []\n  }\n}\n'
    ),
    "hooks on one line": '{"hooks": {"Stop": [{"hooks": []}], "SessionStart": []}, "a": 1}\n',
    "texts that look like code": (
        '{\n  "a": "// no comment, {not} [code] \\" \\\\ \\u00e9 \\ud83d\\ude00",\n'
        '  "猫": "/* 猫叫什么 */",\n  "servers": {},\n  "mcp": {},\n  "context_servers": {}\n}\n'
    ),
    "numbers and depth": (
        '{\n  "a": -1.5e+10,\n  "b": [[[[]]], {"c": {"d": {"mcpServers": {"sage": 1}}}}],\n'
        '  "inputs": [ ],\n  "hooks": { }\n}'
    ),
    "irregular": (
        '{"a"\n :  1\n\n,"mcpServers"  :\n{   "x" : { }\n}\t,\n  "hooks":{"Stop":\n[\n]}}\n\n'
    ),
}

WITH_COMMENTS = {
    "a heading": '// my settings\n{\n  "a": 1\n}\n',
    "comments everywhere": (
        '/* top */ { // open\n  /* before */ "mcpServers": /* value */ { // inner, with a comma\n'
        '    "x": { "command": "y" } /* end, {of} x */ // more\n  } // done\n} // bottom'
    ),
    "only a comment inside": "{\n  // nothing is set\n}\n",
    "comments in empty servers": (
        '{\n  "mcpServers": {\n    // "x": {}\n  },\n  "hooks": { /* y */ }\n}\n'
    ),
    "trailing commas": '{\n  "mcpServers": {\n    "x": {"args": [1, 2,],},\n  },\n  "a": [],\n}\n',
    "what editors write": (
        '// Place your settings in this file\n{\n\t"editor.fontSize": 12, // big\n\n'
        '\t// servers\n\t"servers": {\n\t\t"x": { "type": "stdio", },\n\t},\n'
        '\t"context_servers": { }, "mcp": {\n\t\t// local\n\t},\n}\n'
    ),
}

TOML = {
    "nothing": "",
    "one value": 'model = "o5"\n',
    "comments": '# mine\nmodel = "o5" # the best\n\n# nothing below\n',
    "another server": '[mcp_servers.files]\ncommand = "npx"\nargs = ["-y", "@x/files"]\n',
    "servers in between": (
        '[mcp_servers.a]\ncommand = "a"\n\n[tui]\nx = 1\n\n[mcp_servers.b]\nurl = "b"\n'
    ),
    "trusted hooks": '[hooks.state."/x/hooks.json:stop:0:0"]\ntrusted_hash = "sha256:00"\n',
    "arrays and texts": (
        'notify = [\n  "a", # one\n  "b",\n]\ntext = """\n[mcp_servers.sage]\n"""\n'
        "path = 'C:\\x'\n[[rules]]\nn = 1\n[[rules]]\nn = 2\n"
    ),
    "projects": '[projects."/home/user/猫"]\ntrust_level = "trusted"\n\n\n',
}


def variants(files):
    """Return each file as it is, and as other editors would have saved it."""
    made = {}
    for name, text in files.items():
        made[name] = text
        made[f"{name}, CRLF"] = text.replace("\n", "\r\n")
        made[f"{name}, tabs"] = text.replace("  ", "\t")
        made[f"{name}, wide"] = text.replace("  ", "    ")
        made[f"{name}, no final newline"] = text.rstrip("\n")
        made[f"{name}, BOM"] = f"\ufeff{text}"
    return made
