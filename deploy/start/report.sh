# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# The report on standard output once Sage is ready in Docker.

bold() { if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then printf '\033[1m%s\033[0m' "$1"; else printf '%s' "$1"; fi; }
row() { printf '  %-14s  %s\n' "$1" "$2"; }

versions() {
    local sage database
    sage=$(docker exec "$(container sage-mcp)" sage version 2>/dev/null) || :
    database=$(docker exec "$(container postgres)" psql --username=sage --dbname=sage -AtF ', pgvector ' \
        -c "SELECT split_part(current_setting('server_version'), ' ', 1), extversion FROM pg_extension WHERE extname = 'vector'" 2>/dev/null) || :
    printf '%s, PostgreSQL %s, Docker %s' "${sage:-Sage}" "${database:-?}" "$engine_version"
}

report() {
    local server url token_file token stdio file=sage-client.pyz again=./start-sage-mcp.sh
    [ -z "${COMPOSE_PROJECT_NAME:-}" ] || again="COMPOSE_PROJECT_NAME=$project $again"
    server=http://127.0.0.1:$MCP_SERVER_PORT
    url=$server/mcp
    token_file=$(cd "$secrets_dir" && pwd)/sage_token
    token="\$(cat $(printf '%q' "$token_file"))"
    stdio="{\"mcpServers\": {\"$project\": {\"command\": \"docker\", \"args\": [\"exec\", \"-i\", \"${project}-sage-mcp-1\", \"sage\", \"mcp\"]}}}"
    bold "Sage is ready" && printf '\n'
    row connect "curl -fsSO $server/client/$file && python3 $file connect --url $server --token-file $(printf '%q' "$token_file")"
    row '' "(connects the AI clients here, with hooks, after a question; needs Python 3.11 alone)"
    row console "docker exec ${project}-sage-mcp-1 sage console --print"
    row '' "(prints a link that signs a browser in, once)"
    row "MCP URL" "$(bold "$url")"
    row versions "$(versions)"
    row data "Docker volumes $volume and ${project}_sage-data"
    row token "$token_file"
    row log "$again --logs"
    row stop "$again --stop"
    bold "By hand, without hooks" && printf '\n'
    row "Claude Code" "claude mcp add --scope user --transport http $project $url --header \"Authorization: Bearer $token\""
    row Codex "export SAGE_TOKEN=\"$token\"; codex mcp add $project --url $url --bearer-token-env-var SAGE_TOKEN"
    row '' "(Codex reads SAGE_TOKEN at every start: keep the export in your shell's profile)"
    row Cursor "in ~/.cursor/mcp.json: $stdio"
    row "Claude Desktop" "in claude_desktop_config.json: $stdio"
    row "any other" "$url with the header Authorization: Bearer and what $token_file holds"
}
