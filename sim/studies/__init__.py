"""Studies: each is kept in a folder, and explained in words."""
