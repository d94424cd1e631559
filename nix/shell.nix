# `nix develop`: the locked Python with all tools of ci/locks, and PostgreSQL 17 with pgvector.
{
  lib,
  mkShell,
  jq,
  postgresql_17,
  tools,
  wheels,
}:
mkShell {
  packages = [
    tools
    (postgresql_17.withPackages (extensions: [ extensions.pgvector ]))
    jq
  ];
  # For the wheels that pip brings into further environments (ci/test makes some): they look for
  # libstdc++ and zlib where distributions keep them.
  LD_LIBRARY_PATH = lib.makeLibraryPath wheels.libraries;
}
