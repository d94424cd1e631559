"""The command line of `sage-client.pyz`, for a Sage on another machine or in a container."""
