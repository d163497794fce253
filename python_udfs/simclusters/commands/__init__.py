"""What people call: `python -m simclusters run`, `report`, `stream` and `estimate`, each a module here with a function `main`."""
