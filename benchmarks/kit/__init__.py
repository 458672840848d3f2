"""What every bench uses: options, reports, a web and its server, commands and what they cost."""
