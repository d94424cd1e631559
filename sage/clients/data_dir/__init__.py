"""The data directory as a server and the clients of its machine use it: files, key and socket."""
