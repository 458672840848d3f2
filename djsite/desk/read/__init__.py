"""What people are shown, a file for each subject: bounded queries on indexes, never a write."""
