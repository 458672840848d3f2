"""What every bench uses: options, reports, the web and its server, commands whose whole cost is counted."""
