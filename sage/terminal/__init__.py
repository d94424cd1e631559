"""Drawing on a terminal; knows nothing of Sage."""
