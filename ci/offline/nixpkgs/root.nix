# A tree of unpacked Debian packages, made to run from the store: every program becomes a script
# that starts the tree's own loader on it. The kernel finds no loader in a sandbox, and a changed
# interpreter path would break programs that are linked to a fixed address, as Debian's Python is.
{
  system,
  name,
  hash,
}:
let
  tree = derivation {
    name = "debian-${name}";
    inherit system;
    builder = "/bin/sh";
    args = [
      "-c"
      "echo 'the store is not seeded: ci/offline/nix-seed does it' >&2; exit 1"
    ];
    outputHashMode = "recursive";
    outputHashAlgo = "sha256";
    outputHash = hash;
  };
  libraries = "${tree}/usr/lib/x86_64-linux-gnu";
in
derivation {
  name = "runnable-${name}";
  inherit system tree libraries;
  busybox = "${tree}/usr/bin/busybox";
  builder = "${tree}/usr/bin/busybox";
  args = [
    "sh"
    "-euc"
    ''
      export PATH=$NIX_BUILD_TOP/applets
      $busybox mkdir -p $PATH
      $busybox --install -s $PATH

      start() { # FOLDER
        mkdir -p $out/$1
        for file in $tree/$1/*; do
          program=$out/$1/''${file##*/}
          if [ -L $file ] || [ "$(head -c 4 $file | tail -c 3)" != ELF ]; then
            cp -P $file $program
          elif [ ''${file##*/} = busybox ]; then
            ln -s $file $program
          else
            printf '%s\n' "#!$busybox sh" \
              "exec $libraries/ld-linux-x86-64.so.2 --library-path $libraries --argv0 \"\$0\" $file \"\$@\"" \
              > $program
            chmod 755 $program
          fi
        done
      }

      start usr/bin
      ln -s mawk $out/usr/bin/awk
      mkdir $out/usr/lib
      for part in $tree/usr/lib/*; do
        case ''${part##*/} in
          postgresql)
            start usr/lib/postgresql/17/bin
            ln -s $part/17/lib $out/usr/lib/postgresql/17/lib
            ;;
          python3.13)
            cp -r $part $out/usr/lib
            chmod -R u+w $out/usr/lib/python3.13
            $out/usr/bin/python3.13 -B -m compileall -q --invalidation-mode unchecked-hash \
              $out/usr/lib/python3.13
            ;;
          *) ln -s $part $out/usr/lib ;;
        esac
      done
      ln -s $tree/usr/share $out/usr/share
    ''
  ];
}
