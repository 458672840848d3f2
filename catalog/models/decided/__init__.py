"""What people decide beside a seed's own settings."""
