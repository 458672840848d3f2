"""One file a section of the site; every view is behind a role of :mod:`djsite.browse.roles`."""
