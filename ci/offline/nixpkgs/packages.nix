# The packages of nixpkgs that the flake uses, by the same names.
{ system, seed }:
let
  root = name: import ./root.nix { inherit system name; hash = seed.${name}; };
  runtime = root "runtime"; # what an image needs: Python, bash, certificates
  build = root "build"; # what builds and tests need besides
  bash = "${build}/usr/bin/bash";
  python = "${runtime}/usr/bin/python3.13";
  call =
    function: arguments:
    let
      known = if builtins.isFunction function then function else import function;
    in
    known (builtins.intersectAttrs (builtins.functionArgs known) self // arguments);

  # $stdenv/setup, as builders and `nix develop` source it.
  setup = derivation {
    name = "stdenv";
    inherit system;
    builder = bash;
    text = ''
      export PATH=${build}/usr/bin HOME=/homeless-shelter LC_ALL=C SOURCE_DATE_EPOCH=315532800
      for input in ''${nativeBuildInputs:-} ''${buildInputs:-}; do
        PATH=$input/bin:$PATH
        if [ -f $input/nix-support/setup-hook ]; then . $input/nix-support/setup-hook; fi
      done
    '';
    args = [
      "-euc"
      ''${build}/usr/bin/mkdir $out; printf %s "$text" > $out/setup''
    ];
  };

  runCommand =
    name: environment: buildCommand:
    derivation (
      {
        inherit name system buildCommand;
        builder = bash;
        stdenv = setup;
        args = [
          "-euo"
          "pipefail"
          "-c"
          ''source "$stdenv/setup"; eval "$buildCommand"''
        ];
      }
      // removeAttrs environment [ "meta" ]
    )
    // {
      meta = environment.meta or { };
    };

  # A package whose programs are those of a folder.
  programs = name: folder: runCommand name { } ''mkdir -p $out; ln -s ${folder} $out/bin'';
  libraries =
    name: files:
    runCommand name { inherit files; } ''
      mkdir -p $out/lib
      for file in $files; do ln -s ${runtime}/usr/lib/x86_64-linux-gnu/$file $out/lib; done
    '';
  script =
    name: text:
    runCommand name { inherit text; } ''
      mkdir -p $out/bin
      printf '#!${bash}\n%s\n' "$text" > $out/bin/${name}
      chmod +x $out/bin/${name}
    '';

  self = {
    inherit runCommand;
    lib = import ./lib.nix;
    callPackage = call;
    callPackages = call;
    python313 = {
      interpreter = python;
      pythonVersion = "3.13";
    };
    stdenv.cc.cc.lib = libraries "gcc-lib" [
      "libgcc_s.so.1"
      "libstdc++.so.6"
    ];
    zlib = libraries "zlib" [ "libz.so.1" ];
    postgresql_17.withPackages = _: programs "postgresql" "${build}/usr/lib/postgresql/17/bin";
    jq = programs "jq" "${build}/usr/bin";
    bashInteractive = programs "bash" "${build}/usr/bin";
    linkFarm =
      name: entries:
      let
        link = entry: "ln -s ${entries.${entry}} $out/${entry}";
      in
      runCommand name { } (
        builtins.concatStringsSep "\n" ([ "mkdir $out" ] ++ map link (builtins.attrNames entries))
      );
    # Never fetches: the store was seeded with files of these names and hashes.
    fetchPypi =
      {
        pname,
        version,
        python,
        abi,
        platform,
        sha256,
        ...
      }:
      derivation {
        name = "${pname}-${version}-${python}-${abi}-${platform}.whl";
        inherit system;
        builder = "/bin/sh";
        args = [
          "-c"
          "echo \"the store is not seeded with $name: ci/offline/nix-seed does it\" >&2; exit 1"
        ];
        outputHashMode = "flat";
        outputHashAlgo = "sha256";
        outputHash = sha256;
      };
    # Programs become scripts that start a loader on them, as in root.nix.
    autoPatchelfHook = runCommand "auto-patchelf-hook" { hook = ./auto-patchelf.sh; } ''
      mkdir -p $out/nix-support
      sed 's|@root@|${runtime}|; s|@bash@|${bash}|' $hook > $out/nix-support/setup-hook
    '';
    nixfmt-tree = script "treefmt" "echo 'the stand-in for nixpkgs has no nixfmt' >&2; exit 1";
    mkShell =
      { packages, ... }@arguments:
      runCommand "nix-shell" (
        removeAttrs arguments [ "packages" ]
        // {
          outputs = [ "out" ]; # which `nix develop` reads
          nativeBuildInputs = packages;
        }
      ) "export > $out";
    dockerTools = {
      streamLayeredImage = import ./image.nix { inherit runCommand python bash; };
      binSh = runCommand "bin-sh" { } "mkdir -p $out/bin; ln -s ${runtime}/usr/bin/bash $out/bin/sh";
      caCertificates = runCommand "ca-certificates" { } ''
        mkdir -p $out/etc/ssl/certs
        cat ${runtime}/usr/share/ca-certificates/mozilla/*.crt > $out/etc/ssl/certs/ca-certificates.crt
      '';
    };
  };
in
self
