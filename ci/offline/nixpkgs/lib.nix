# The functions of nixpkgs' lib that the flake uses, by the same names.
let
  split = separator: text: builtins.filter builtins.isString (builtins.split separator text);
  escape = builtins.replaceStrings [ "." "+" "*" "?" "(" ")" "[" "]" "|" "\\" "^" "$" ] [
    "\\."
    "\\+"
    "\\*"
    "\\?"
    "\\("
    "\\)"
    "\\["
    "\\]"
    "\\|"
    "\\\\"
    "\\^"
    "\\$"
  ];
in
{
  inherit (builtins) concatMap;
  concatMapStringsSep =
    separator: f: list:
    builtins.concatStringsSep separator (map f list);
  findFirst =
    wanted: default: list:
    let
      found = builtins.filter wanted list;
    in
    if found == [ ] then default else builtins.head found;
  hasInfix = part: text: builtins.length (split (escape part) text) > 1;
  importJSON = file: builtins.fromJSON (builtins.readFile file);
  makeLibraryPath = packages: builtins.concatStringsSep ":" (map (package: "${package}/lib") packages);
  optional = condition: value: if condition then [ value ] else [ ];
  removeSuffix =
    suffix: text:
    let
      length = builtins.stringLength text - builtins.stringLength suffix;
    in
    if builtins.substring length (-1) text == suffix then builtins.substring 0 length text else text;
  splitString = separator: split (escape separator);
  subtractLists = unwanted: builtins.filter (value: !builtins.elem value unwanted);
}
