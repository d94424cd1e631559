"""What is offered over HTTP: the application, REST, the probes, the server."""
