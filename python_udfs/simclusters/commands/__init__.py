"""What people call: `simclusters COMMAND`, each a module here with a function `main`."""
