# Everything the locks pin, for people who work on Sage: its wheels, the tests' and the tools'.
{
  lib,
  runCommand,
  autoPatchelfHook,
  python313,
  wheels,
}:
runCommand "sage-tools"
  {
    nativeBuildInputs = [ autoPatchelfHook ];
    buildInputs = wheels.libraries;
  }
  ''
    export HOME=$TMPDIR PIP_CONFIG_FILE=/dev/null
    ${python313.interpreter} -m venv --without-pip $out
    ${python313.interpreter} ${wheels.pip}/pip --python $out/bin/python3 install \
      --no-index --ignore-installed --find-links ${wheels.house wheels.locks} --no-cache-dir \
      --no-compile --no-deps --require-hashes --only-binary :all: \
      ${lib.concatMapStringsSep " " (lock: "-r ${../. + "/${lock}"}") wheels.locks}
    autoPatchelf $out
  ''
