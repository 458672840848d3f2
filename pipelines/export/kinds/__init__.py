"""What can be exported: a module for each kind of rows, with ``rows(asked)``; see :mod:`catalog.kinds`."""
