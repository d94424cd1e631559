# shellcheck shell=bash
# Secrets in any commit, also those taken out again since.

scan() {
    local repository=$ROOT
    [[ ! -d .git ]] || repository=.
    command -v gitleaks >/dev/null || "$ROOT/ci/lib/debian" gitleaks || return
    git -C "$repository" rev-parse --verify --quiet HEAD >/dev/null || {
        echo "this is no clone, so there is no history"
        return 3
    }
    [[ $(git -C "$repository" rev-parse --is-shallow-repository) == false ]] ||
        echo "note: this clone is shallow, so the older commits are not looked through" >&2
    gitleaks detect --no-banner --redact --verbose --config "$SCANS/gitleaks.toml" \
        --source "$repository" || return 1
}

plant_deleted_key() {
    local as=(-c user.name=Planted -c user.email=planted@localhost)
    echo "SILICONFLOW_API_KEY=sk-$(printf 'qwertzuiop%.0s' 1 2 3 4 5)" >settings.env
    git init --quiet && git add settings.env && git "${as[@]}" commit --quiet --message "Add a key"
    git rm --quiet settings.env && git "${as[@]}" commit --quiet --message "Take the key out"
    echo provider-key
}
