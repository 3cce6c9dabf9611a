"""What people change about a search that is there already. Each function is one transaction, and takes names only."""
