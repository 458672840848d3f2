"""The commands that ask an instance elsewhere. Each prints what its namesake in console.commands does."""
