"""What people are shown of hosts: the list, one host, its pace and why. Only reads."""
