"""What `start-sage-mcp.sh` does once Python is there: start, watch and stop one Sage a data dir."""
