"""The whole stack as processes of this machine, from package registries alone."""
