# What `nix flake check` runs, in the sandbox, on what was built.
{
  jq,
  postgresql_17,
  runCommand,
  env,
  sage,
  image,
  tools,
}:
{
  # The wheels need nothing of the system but glibc and what libraries.pth loads, and all load.
  libraries = runCommand "check-libraries" { } ''
    find ${env}/opt/sage/lib -name '*.so*' -type f > objects
    {
      printf '%s\n' ld-linux-x86-64.so.2 libc.so.6 libdl.so.2 libm.so.6 libpthread.so.0 librt.so.1
      sed 's|.*/||' objects
      sed "s|.*/||; s|'.*||" ${env}/opt/sage/lib/*/site-packages/libraries.pth
    } | sort --unique > provided
    xargs readelf --dynamic < objects | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort --unique > needed
    if comm -23 needed provided | grep .; then
      echo 'no such libraries: name them in nix/wheels.nix and nix/env.nix' >&2
      exit 1
    fi
    xargs ${env}/opt/sage/bin/python3 -c 'import ctypes, sys
    for path in sys.argv[1:]:
        ctypes.CDLL(path)
    print(len(sys.argv) - 1, "shared objects load")' < objects | tee $out
  '';

  # A memory saved is found again, with PostgreSQL and pgvector from the same nixpkgs.
  memory =
    runCommand "check-memory"
      {
        nativeBuildInputs = [
          jq
          sage
          (postgresql_17.withPackages (extensions: [ extensions.pgvector ]))
        ];
      }
      ''
        export HOME=$TMPDIR SAGE_DATA_DIR=$TMPDIR/data
        initdb --pgdata cluster --username sage --auth trust --encoding UTF8 --locale C \
          --no-sync > initdb.log
        pg_ctl --pgdata cluster --log server.log --wait start \
          --options "-c listen_addresses=127.0.0.1 -c unix_socket_directories=$TMPDIR" > start.log
        trap 'pg_ctl --pgdata cluster --mode immediate stop > stop.log || cat server.log' EXIT
        export DATABASE_URL=postgresql://sage@127.0.0.1:5432/sage
        createdb --host 127.0.0.1 --username sage sage
        sage migrate up
        sage save 'Where is the spare key?' 'Under the third flower pot.'
        sage search 'flower pot' --json |
          jq --exit-status '.results[0].content | contains("flower pot")' > $out
      '';

  # The archive says what the Dockerfile says of user, entry and time, and holds what a root needs.
  image = runCommand "check-image" { nativeBuildInputs = [ jq ]; } ''
    ${image} > image.tar
    tar -xf image.tar
    jq --exit-status '.created == "1970-01-01T00:00:01Z" and (.config |
      .User == "10001:10001" and .Entrypoint == ["/docker-entrypoint.sh"] and .Cmd == ["serve"])' \
      "$(jq --raw-output '.[0].Config' manifest.json)"
    tar --verbose -tf "$(jq --raw-output '.[0].Layers[-1]' manifest.json)" > root.txt
    for expected in 'drwxrwxrwt .* [.]?/?tmp/$' 'drwx------ 10001/10001 .* [.]?/?data/$' \
      '[.]?/?etc/passwd' '[.]?/?etc/ssl/certs/ca-certificates.crt' '[.]?/?bin/sh'; do
      grep --extended-regexp --regexp "$expected" root.txt >> $out
    done
  '';

  tools = runCommand "check-tools" { nativeBuildInputs = [ tools ]; } ''
    export HOME=$TMPDIR
    for tool in ruff mypy pytest tox pip-compile shellcheck; do
      "$tool" --version >> $out
    done
    lint-imports --help > /dev/null
  '';
}
