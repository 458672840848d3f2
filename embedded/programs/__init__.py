"""The programs of the embedded mode: modules with a ``main``, forked by the keeper or started by name."""
