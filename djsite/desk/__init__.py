"""What people may ask for, and what they are shown: one desk below the site, the API and the command line."""
