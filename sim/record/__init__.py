"""Records what one replication produces: rows, columns, work by week and declines."""
