"""A population: members of one network that train side by side, each with its own weights and learning rate."""
