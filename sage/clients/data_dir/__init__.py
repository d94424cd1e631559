"""The data directory shared by a server and the clients of its machine: files, key and socket."""
