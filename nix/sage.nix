# Sage itself beside its wheels, laid out as in the Docker image. Only what is named here is its
# source: editing a page or a test builds nothing anew.
{
  runCommand,
  python313,
  env,
}:
let
  site-packages = "opt/sage/lib/python${python313.pythonVersion}/site-packages";
in
runCommand "sage" { meta.mainProgram = "sage"; } ''
  export PYTHONPATH=${../deploy/images}
  mkdir -p code/${site-packages} code/opt/sage/bin
  cp -r ${../sage} code/${site-packages}/sage
  cp ${../LICENSE} code/opt/sage/LICENSE
  cp ${../deploy/images/sage} code/opt/sage/bin/sage
  cp ${../docker-entrypoint.sh} code/docker-entrypoint.sh
  chmod -R u=rwX,go=rX code
  chmod 755 code/docker-entrypoint.sh code/opt/sage/bin/sage
  ${python313.interpreter} -c 'import sys, pathlib, normalize
  normalize.normalize(pathlib.Path(sys.argv[1]) / "code", root=pathlib.Path(sys.argv[1]))' $PWD

  ${python313.interpreter} -m venv --without-pip $out/opt/sage
  find $out/opt/sage/bin -type f -delete
  ln -s ${env}/${site-packages}/* $out/${site-packages}
  cp -r code/. $out
  sed -i "1s|/opt/sage|$out&|" $out/opt/sage/bin/sage
  mkdir $out/bin
  ln -s ../opt/sage/bin/sage $out/bin/sage
''
