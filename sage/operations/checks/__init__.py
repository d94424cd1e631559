"""What has to be well for Sage to work, as one list of checks."""
