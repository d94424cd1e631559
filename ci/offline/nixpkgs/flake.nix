{
  description = "Not nixpkgs: the few attributes of it that Sage's flake uses, from Debian's packages";

  # seed.json holds the hashes of what ci/offline/nix-seed put into the store.
  outputs =
    { self }:
    {
      legacyPackages.x86_64-linux = import ./packages.nix {
        system = "x86_64-linux";
        seed = builtins.fromJSON (builtins.readFile ./seed.json);
      };
    };
}
