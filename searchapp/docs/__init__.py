"""What the documentation's pages say of the registries: read from them, so that no row can be forgotten."""
