{
  description = "Sage, the memory of an AI assistant, over MCP";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      # The platform of the wheels in nix/wheels.json.
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.${system};
      wheels = pkgs.callPackage ./nix/wheels.nix { };
      packages = self.packages.${system};
    in
    {
      packages.${system} = {
        env = pkgs.callPackage ./nix/env.nix { inherit wheels; };
        sage = pkgs.callPackage ./nix/sage.nix { inherit (packages) env; };
        image = pkgs.callPackage ./nix/image.nix { inherit (packages) sage; };
        tools = pkgs.callPackage ./nix/tools.nix { inherit wheels; };
        default = packages.sage;
      };

      apps.${system}.default = {
        type = "app";
        program = "${packages.sage}/bin/sage";
        meta.description = "The command line of Sage";
      };

      devShells.${system}.default = pkgs.callPackage ./nix/shell.nix {
        inherit (packages) tools;
        inherit wheels;
      };

      checks.${system} = pkgs.callPackages ./nix/checks.nix {
        inherit (packages) env sage image tools;
      };

      formatter.${system} = pkgs.nixfmt-tree;
    };
}
