"""One page from the folder of a study: what it says as data, and how it is written."""
