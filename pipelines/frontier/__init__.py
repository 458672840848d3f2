"""All known due URLs: admitting them, leasing hosts, taking a host's due visits, finishing them."""
