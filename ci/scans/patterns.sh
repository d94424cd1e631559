# shellcheck shell=bash
# Python that is unsafe here: our own rules, ci/scans/rules, run by opengrep.

opengrep() {
    "$(python -c 'import pathlib, tackbox_opengrep as t
print(pathlib.Path(t.__file__).parent / "bin/opengrep")')" "$@"
}

scan() {
    opengrep scan --quiet --disable-version-check --no-git-ignore --error \
        --config "$SCANS/rules" sage || return 1
}

plant_sql_from_text() {
    printf 'async def rows(conn, name):\n    return await conn.fetch(f"SELECT * FROM {name}")\n' \
        >sage/store/planted.py
    echo sql-from-text
}

plant_unverified_tls() {
    printf 'import httpx\n\nclient = httpx.AsyncClient(verify=False)\n' >sage/providers/planted.py
    echo unverified-tls
}

plant_followed_redirect() {
    printf 'import httpx\n\nclient = httpx.AsyncClient(follow_redirects=True)\n' \
        >sage/providers/redirected.py
    echo followed-redirects
}

plant_compared_token() {
    printf 'def may(token, expected):\n    return token == expected\n' >sage/api/planted.py
    echo secret-compared-by-equality
}
