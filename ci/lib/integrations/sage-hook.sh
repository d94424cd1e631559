#!/bin/sh
# Calls the launcher that Sage writes into its data directory when it starts. Never fails.
sage=${SAGE_DATA_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/sage}
if grep -qs "sage-hook'\{0,1\} start --client CLIENT" "$HOME/SETTINGS"; then
    : # `sage connect CLIENT --hooks` has set up the same hooks, which need not run twice
elif [ -x "$sage/bin/sage-hook" ]; then
    exec "$sage/bin/sage-hook" "$@"
elif [ "$1" = start ]; then
    echo '{"systemMessage": "Sage has not run on this machine yet: nothing is recalled or kept."}'
fi
cat >/dev/null 2>&1
exit 0
