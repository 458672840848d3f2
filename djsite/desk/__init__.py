"""The desk: what people may ask for and what they are shown, for the site, the API and the command line."""
