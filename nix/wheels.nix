# The wheels of wheels.json, each fetched by its hash. Evaluation fails unless the requirements locks
# pin the very same packages, versions and hashes: what pip installs elsewhere is what Nix installs.
{
  lib,
  fetchPypi,
  linkFarm,
  stdenv,
  zlib,
}:
let
  wheels = lib.importJSON ./wheels.json;
  stale = problem: throw "${problem}; ci/nix-wheels --write follows the locks";

  # { package = { version; line; }; } of a requirements lock; a line holds all hashes of a package.
  pinsOf =
    lock:
    let
      text = builtins.replaceStrings [ "\\\n" ] [ " " ] (builtins.readFile (../. + "/${lock}"));
      pinOf =
        line:
        let
          pin = builtins.match "([a-z0-9.-]+)==([^ ;]+)( .*)" line;
        in
        lib.optional (pin != null) {
          name = builtins.elemAt pin 0;
          value = {
            version = builtins.elemAt pin 1;
            inherit line;
          };
        };
    in
    builtins.listToAttrs (lib.concatMap pinOf (lib.splitString "\n" text));

  # Package indexes keep wheels by the parts of their file names (PEP 427).
  fetch =
    wheel:
    let
      parts = lib.splitString "-" (lib.removeSuffix ".whl" wheel.file);
      part = builtins.elemAt parts;
    in
    if builtins.length parts != 5 then
      throw "${wheel.file}: wheels with a build number are not provided for"
    else
      fetchPypi {
        pname = part 0;
        version = part 1;
        format = "wheel";
        dist = part 2;
        python = part 2;
        abi = part 3;
        platform = part 4;
        inherit (wheel) sha256;
      };

  checked =
    lock: wheel:
    let
      pins = pinsOf lock;
      pin = pins.${wheel.name} or (stale "${wheel.name} is in nix/wheels.json, not in ${lock}");
    in
    if pin.version != wheel.version then
      stale "${wheel.name} is ${wheel.version} in nix/wheels.json, ${pin.version} in ${lock}"
    else if !lib.hasInfix "--hash=sha256:${wheel.sha256}" pin.line then
      stale "the sha256 of ${wheel.file} in nix/wheels.json is not in ${lock}"
    else
      {
        name = wheel.file;
        value = fetch wheel;
      };

  wheelsOf =
    lock:
    let
      names = map (wheel: wheel.name) wheels.${lock};
      missing = lib.subtractLists names (builtins.attrNames (pinsOf lock));
    in
    if missing != [ ] then
      stale "${toString missing} in ${lock}, not in nix/wheels.json"
    else
      map (checked lock) wheels.${lock};

  toolLock = "ci/locks/tools.txt";
  pip = lib.findFirst (wheel: wheel.name == "pip") (throw "no pip in ${toolLock}") wheels.${toolLock};
in
{
  locks = builtins.attrNames wheels;

  # A folder with the wheels of some locks, as `pip --find-links` takes it.
  house = locks: linkFarm "wheels" (builtins.listToAttrs (lib.concatMap wheelsOf locks));

  # What the wheels take from the system beyond glibc; the check `libraries` says when that changes.
  libraries = [
    stdenv.cc.cc.lib
    zlib
  ];

  # pip itself, to be run from its wheel: `python3 ${wheels.pip}/pip`.
  pip = (checked toolLock pip).value;
}
