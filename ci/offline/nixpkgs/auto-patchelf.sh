# shellcheck shell=bash
# The setup hook that stands for autoPatchelf: of the two things it does, only programs need help,
# for the stand-in's Python finds libraries by itself.
autoPatchelf() { # FOLDER...
    local program libraries=@root@/usr/lib/x86_64-linux-gnu
    find "$@" -type f -perm -u+x ! -name '*.so*' | while read -r program; do
        head --bytes 4096 "$program" | grep --quiet --text ld-linux-x86-64 || continue
        mv "$program" "${program%/*}/.${program##*/}"
        # shellcheck disable=SC2016 # the program's own arguments
        printf '#!%s\nexec %s --library-path %s --argv0 "$0" %s "$@"\n' @bash@ \
            "$libraries/ld-linux-x86-64.so.2" "$libraries" "${program%/*}/.${program##*/}" >"$program"
        chmod 755 "$program"
    done
}
