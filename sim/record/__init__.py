"""What one replication leaves behind: rows, columns, work by week, declines."""
