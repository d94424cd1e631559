"""The HTTP interface: the application, REST and the probes."""
