# streamLayeredImage: a script that writes the archive which `docker load` reads. As nixpkgs', it
# holds one layer for each store path and one for what lies outside the store.
{
  runCommand,
  python,
  bash,
}:
{
  name,
  tag,
  contents,
  fakeRootCommands,
  config,
}:
let
  # Ownership is written down, for nobody may give files away in the sandbox.
  outside = runCommand "${name}-root" { inherit contents; } ''
    mkdir root
    for part in $contents; do cp -r --no-dereference --no-preserve=mode $part/. root; done
    chown() { printf '%s %s\n' "$2" "$1" >> $NIX_BUILD_TOP/owners; }
    (
      cd root
      ${fakeRootCommands}
    )
    ${python} -B ${./archives}/layer.py root owners > $out
  '';
  written = runCommand "${name}.json" {
    document = builtins.toJSON {
      inherit config outside;
      tag = "${name}:${tag}";
    };
    passAsFile = [ "document" ];
  } "cp $documentPath $out";
in
runCommand "stream-${name}"
  {
    exportReferencesGraph = [
      "graph"
      written
    ];
  }
  ''
    paths=$(grep '^/nix/store/' graph | grep --invert-match '[.]drv$' | sort --unique)
    printf '#!%s\nexec %s %s %s\n' ${bash} ${python} \
      "-B ${./archives}/stream.py ${written}" "''${paths//$'\n'/ }" > $out
    chmod +x $out
  ''
