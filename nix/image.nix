# The container image, without Docker: `nix build .#image && ./result | docker load`.
# It answers as the Dockerfile's does; ci/parity compares them.
{
  dockerTools,
  runCommand,
  sage,
}:
let
  version = builtins.match ".*__version__ = \"([^\"]+)\".*" (builtins.readFile ../sage/__init__.py);
  root = runCommand "sage-root" { } ''
    mkdir -p $out/etc $out/opt
    ln -s ${sage}/docker-entrypoint.sh $out/docker-entrypoint.sh
    ln -s ${sage}/opt/sage $out/opt/sage
    printf '%s\n' 'root:x:0:0:root:/:/sbin/nologin' \
      'sage:x:10001:10001:Sage:/data:/sbin/nologin' > $out/etc/passwd
    printf '%s\n' 'root:x:0:' 'sage:x:10001:' > $out/etc/group
    printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' > $out/etc/nsswitch.conf
  '';
  seconds = 1000000000;
in
dockerTools.streamLayeredImage {
  name = "sage-mcp";
  tag = "nix";
  contents = [
    root
    dockerTools.binSh
    dockerTools.caCertificates
  ];
  fakeRootCommands = ''
    mkdir -m 1777 tmp
    mkdir -m 0700 data
    chown 10001:10001 data
  '';
  config = {
    User = "10001:10001";
    WorkingDir = "/data";
    Entrypoint = [ "/docker-entrypoint.sh" ];
    Cmd = [ "serve" ];
    Env = [
      "PATH=/opt/sage/bin:/usr/local/bin:/usr/bin:/bin"
      "PYTHONDONTWRITEBYTECODE=1"
      "PYTHONSAFEPATH=1"
      "PYTHONUNBUFFERED=1"
      "PYTHONUTF8=1"
      "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
      "MCP_SERVER_HOST=0.0.0.0"
      "SAGE_DATA_DIR=/data"
    ];
    Volumes."/data" = { };
    ExposedPorts."17800/tcp" = { };
    StopSignal = "SIGTERM";
    Healthcheck = {
      Test = [
        "CMD"
        "sage"
        "healthcheck"
      ];
      Interval = 10 * seconds;
      Timeout = 5 * seconds;
      StartPeriod = 120 * seconds;
      StartInterval = 1 * seconds;
      Retries = 3;
    };
    Labels = {
      "org.opencontainers.image.title" = "Sage";
      "org.opencontainers.image.description" = "The memory of an AI assistant, over MCP";
      "org.opencontainers.image.licenses" = "MIT";
      "org.opencontainers.image.version" = builtins.head version;
    };
  };
}
